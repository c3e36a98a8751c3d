import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Binaries } from './binaries.js';
import { DISK_FULL, diskFull, EmbeddedPostgresError, isErrno } from './embedded-postgres-error.js';
import { spawnGuarded } from './guarded-process.js';
import { SERVER_ENV, type ServerUser } from './server-user.js';

/** The server's superuser, and the application's. */
export const ROLE = 'hackonomics';
const DRAFT_PREFIX = 'postgres.initializing-';

export function clusterFolder(dataDir: string): string {
  return join(dataDir, 'postgres');
}

/** The user id that owns the cluster, or undefined where there is none yet (an empty folder counts as none). */
export function clusterOwner(dataDir: string): ServerUser | undefined {
  const folder = clusterFolder(dataDir);
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.uid === process.getuid?.() && readdirSync(folder).length === 0) return undefined;
  return { uid: stat.uid, gid: stat.gid };
}

/** Refuses folders that are no cluster, or one of another major: its files mean something else to this server. */
export function checkMajor(dataDir: string, binaries: Binaries): void {
  const folder = clusterFolder(dataDir);
  const found = readOptional(join(folder, 'PG_VERSION'))?.trim();
  if (found === undefined) {
    throw new EmbeddedPostgresError(
      'data_dir_foreign',
      `The folder ${folder} holds no PostgreSQL data, and is not touched: move it away, or set DATA_DIR to another folder.`,
    );
  }
  if (found === String(binaries.major)) return;
  throw new EmbeddedPostgresError(
    'data_dir_other_major',
    `The data in ${folder} was written by PostgreSQL ${found} and this release brings ${binaries.major}: dump it with version ${found} (pg_dump) and load it into a new folder, or move the folder away to begin anew, or set DATABASE_URL to a PostgreSQL ${found} that serves it.`,
  );
}

/** The role's password, made at first need. 256 random bits, URL-safe, in a file that only its owner reads. */
export function readOrCreatePassword(dataDir: string): string {
  const path = join(dataDir, 'postgres.password');
  const existing = readOptional(path)?.trim();
  if (existing) return existing;
  const password = randomBytes(32).toString('base64url');
  const draft = `${path}.part`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${password}\n`, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(draft, path);
  syncFolder(dataDir);
  return password;
}

/**
 * Makes the cluster beside its place and renames it there, so that a half-made one is never taken for a whole one.
 * initdb syncs its files to disk before it ends.
 */
export async function initialiseCluster(
  dataDir: string,
  binaries: Binaries,
  user: ServerUser | undefined,
  password: string,
): Promise<void> {
  const draft = join(dataDir, `${DRAFT_PREFIX}${randomBytes(6).toString('hex')}`);
  const [cluster, passwordFile] = [join(draft, 'data'), join(draft, 'password')];
  mkdirSync(draft, { mode: 0o700 });
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (user) for (const path of [passwordFile, draft]) chownSync(path, user.uid, user.gid);
    let output = '';
    const initdb = await spawnGuarded(
      binaries.initdb,
      [
        `--pgdata=${cluster}`,
        `--username=${ROLE}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order of text on every machine, whatever its own locales are.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
      { user, onOutput: (chunk) => (output += chunk.toString('utf8')) },
    );
    const exit = await initdb.exit;
    if (exit.code !== 0) throw initFailed(dataDir, output, exit.code ?? exit.signal);
    renameSync(cluster, clusterFolder(dataDir));
    syncFolder(dataDir);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function initFailed(dataDir: string, output: string, end: number | string | null): EmbeddedPostgresError {
  if (DISK_FULL.test(output)) return diskFull(dataDir);
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const reason =
    lines.findLast((line) => /error|fatal|could not/i.test(line)) ?? lines.at(-1) ?? `initdb ended with ${end ?? ''}`;
  return new EmbeddedPostgresError(
    'init_failed',
    `The embedded database could not be made in ${dataDir} (${reason.trim()}): mend that, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

/** What an initdb that was killed half-way has left. Only for the owner of the folder. */
export function removeHalfMadeClusters(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    // With retries: its initdb may still be writing, until its watcher has stopped it.
    if (name.startsWith(DRAFT_PREFIX)) rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 10 });
  }
}

/**
 * Gives the role this password without being asked for the old one, in the server's single-user mode. For a password
 * file that was lost or does not belong to this cluster. The server must not run.
 */
export function resetPassword(
  dataDir: string,
  binaries: Binaries,
  user: ServerUser | undefined,
  password: string,
): void {
  // Through stdin: arguments are for all to read. The password is URL-safe base64, so it needs no escaping.
  const result = spawnSync(binaries.postgres, ['--single', '-D', clusterFolder(dataDir), 'postgres'], {
    input: `ALTER ROLE ${ROLE} PASSWORD '${password}'\n`,
    encoding: 'utf8',
    cwd: '/',
    env: SERVER_ENV,
    ...user,
  });
  if (result.error) throw result.error;
  const refusal = /ERROR: .*|FATAL: .*/.exec(result.stderr)?.[0];
  if (result.status === 0 && refusal === undefined) return;
  throw new EmbeddedPostgresError(
    'start_failed',
    `The database in ${dataDir} does not accept its password, and a new one could not be set (${refusal ?? result.stderr}): put the right postgres.password back, or move the folder away to begin anew.`,
  );
}

export function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A rename is on disk once its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
