import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Binaries } from './binaries.js';
import { clusterFolder, readOptional } from './cluster.js';
import { DISK_FULL, diskFull, EmbeddedPostgresError } from './embedded-postgres-error.js';
import { spawnGuarded, type GuardedProcess } from './guarded-process.js';
import { type ServerLog } from './server-log.js';
import { type ServerUser } from './server-user.js';
import { until } from './until.js';

export interface RunningServer {
  readonly process: GuardedProcess;
  readonly port: number;
}

export interface LaunchOptions {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  readonly log: ServerLog;
}

const PORT_ATTEMPTS = 5;
/** Crash recovery replays up to max_wal_size of log and syncs the folder before the server opens. */
const READY_DEADLINE_MS = 120_000;
/** Backends of a killed server that have not noticed yet; a server that its watcher is about to stop. */
const LEFTOVERS = /pre-existing shared memory block|lock file "postmaster.pid" already exists/;
const LEFTOVER_DEADLINE_MS = 15_000;

/** Chosen for one application on one machine. fsync stays on: an acknowledged write survives a power cut. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '128MB',
  max_wal_size: '256MB',
  // Three worker processes less; this database fits into memory.
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_destination: 'stderr',
  logging_collector: 'off',
} as const;

/** Starts the server on a free port of the loopback interface and waits until it accepts connections. */
export async function launch(options: LaunchOptions): Promise<RunningServer> {
  const leftoverDeadline = performance.now() + LEFTOVER_DEADLINE_MS;
  for (let portAttempts = 1; ;) {
    const port = await freePort();
    const server = await start(options, port);
    const outcome = await waitUntilReady(server, options.dataDir);
    if (outcome === 'ready') return { process: server, port };
    if (outcome === 'timeout') await stopServer(server);
    const said = options.log.tail().join('\n');
    // Somebody took the port since we looked.
    if (/could not bind|could not create any TCP\/IP sockets/.test(said) && portAttempts < PORT_ATTEMPTS)
      portAttempts++;
    else if (LEFTOVERS.test(said) && performance.now() < leftoverDeadline) await pause(200);
    else throw startFailure(options, outcome);
  }
}

function start({ dataDir, binaries, user, log }: LaunchOptions, port: number): Promise<GuardedProcess> {
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawnGuarded(binaries.postgres, ['-D', clusterFolder(dataDir), ...settings], {
    user,
    onOutput: (chunk) => log.write(chunk),
  });
}

/** A port of 127.0.0.1 that nobody listens on just now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP listener has a port');
  return address.port;
}

/** As pg_ctl does: the server writes its state into line 8 of its lock file, whose first line is its pid. */
async function waitUntilReady(server: GuardedProcess, dataDir: string): Promise<'ready' | 'ended' | 'timeout'> {
  const lockFile = join(clusterFolder(dataDir), 'postmaster.pid');
  const isReady = () => {
    const lines = readOptional(lockFile)?.split('\n') ?? [];
    return lines[0] === String(server.pid) && lines[7]?.trim() === 'ready';
  };
  const settled = await until(() => server.ended() || isReady(), READY_DEADLINE_MS);
  if (!settled) return 'timeout';
  if (!server.ended()) return 'ready';
  await server.exit;
  return 'ended';
}

function startFailure({ dataDir, log }: LaunchOptions, outcome: 'ended' | 'timeout'): EmbeddedPostgresError {
  const lines = log.tail();
  if (lines.some((line) => DISK_FULL.test(line))) return diskFull(dataDir);
  const reason =
    lastWords(lines) ??
    (outcome === 'timeout' ? `not ready after ${READY_DEADLINE_MS / 1000} s` : 'it ended without a word');
  return new EmbeddedPostgresError(
    'start_failed',
    `The embedded database in ${dataDir} did not start (${reason}); its log is ${log.path}. Mend that, or move the folder away to begin anew, or set DATABASE_URL to a PostgreSQL of your own.`,
    { cause: lines.join('\n') },
  );
}

/** The line that says most about an end: the last fatal one, else the last. Without time stamp and pid. */
export function lastWords(lines: readonly string[]): string | undefined {
  const line = lines.findLast((candidate) => /(FATAL|PANIC):/.test(candidate)) ?? lines.at(-1);
  return line?.replace(/^[-\d]+ [.:\d]+ \w+ \[\d+\] /, '').trim();
}

const FAST_MS = 10_000;
const IMMEDIATE_MS = 5000;

/** Fast shutdown; at once if that takes longer than 10 s (the next start then replays the log: nothing is lost). */
export async function stopServer(server: GuardedProcess): Promise<void> {
  server.holdEventLoop(true);
  for (const [signal, patience] of [
    ['SIGINT', FAST_MS],
    ['SIGQUIT', IMMEDIATE_MS],
    ['SIGKILL', IMMEDIATE_MS],
  ] as const) {
    if (server.ended()) break;
    server.signal(signal);
    if (await until(() => server.ended(), patience)) break;
  }
  await server.exit;
}
