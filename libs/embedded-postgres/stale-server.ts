import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFolder, readOptional } from './cluster.js';
import { EmbeddedPostgresError, isErrno } from './embedded-postgres-error.js';
import { isPostmasterOf, processIdentity } from './process-identity.js';
import { until } from './until.js';

const FAST_SHUTDOWN_MS = 30_000;

/**
 * Deals with the lock file of a server that was not stopped. True if there was one.
 *
 * A server that still runs on this folder, whose owner is dead, is stopped. The lock file itself is left to PostgreSQL,
 * which reads from it whether old backends still hold the shared memory: deleting it would disable that check, and two
 * servers on one folder destroy it. But PostgreSQL believes any process with that pid to be the old server, even another
 * program or a zombie; since it takes its own parent's pid for stale, that is what goes into the file then.
 */
export async function clearStaleServer(dataDir: string): Promise<boolean> {
  const folder = clusterFolder(dataDir);
  const path = join(folder, 'postmaster.pid');
  const content = readOptional(path);
  if (content === undefined) return false;
  const [first, ...others] = content.split('\n');
  const pid = Math.abs(Number.parseInt(first ?? '', 10));
  if (!Number.isSafeInteger(pid) || pid === 0) {
    // Empty or garbled by a power cut: PostgreSQL would refuse it, and nothing runs that could have written it.
    rmSync(path, { force: true });
    return true;
  }
  if (isPostmasterOf(pid, folder)) {
    await stopOrphan(pid, folder);
    if (readOptional(path) === undefined) return true;
  }
  if (pidExists(pid)) writeFileSync(path, [process.pid, ...others].join('\n'));
  return true;
}

async function stopOrphan(pid: number, folder: string): Promise<void> {
  const identity = processIdentity(pid);
  const gone = () => processIdentity(pid) !== identity;
  for (const [signal, patience] of [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    if (gone()) return;
    signalIfThere(pid, signal);
    if (await until(gone, patience)) return;
  }
  throw new EmbeddedPostgresError(
    'data_dir_in_use',
    `A PostgreSQL server (process ${pid}) still runs on ${folder} and does not end: stop it, or set DATA_DIR to another folder.`,
  );
}

/** As PostgreSQL asks: any process, a zombie too. A process of another user (EPERM) is no concern of PostgreSQL's. */
function pidExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (isErrno(error, 'ESRCH', 'EPERM')) return false;
    throw error;
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended in between.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
