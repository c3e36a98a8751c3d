import { join } from 'node:path';
import pg from 'pg';
import {
  checkMajor,
  clusterOwner,
  initialiseCluster,
  readOrCreatePassword,
  removeHalfMadeClusters,
  resetPassword,
  ROLE,
} from './cluster.js';
import { describeFileError, EmbeddedPostgresError } from './embedded-postgres-error.js';
import { claimFolder, type FolderClaim } from './folder-claim.js';
import { place, type Placement } from './placement.js';
import { lastWords, launch, stopServer, type RunningServer } from './server.js';
import { ServerLog } from './server-log.js';
import { clearStaleServer } from './stale-server.js';

export interface EmbeddedPostgresOptions {
  /** The folder asked for; it is made where it is missing. */
  readonly dataDir: string;
  /** The user named it himself: never put the data elsewhere. */
  readonly explicit: boolean;
  /** Created where it is missing. Default `hackonomics`. */
  readonly database?: string;
  /** Gets the lines of the server's log that a person should see. */
  readonly log?: (line: string) => void;
  /** Where root puts data and binaries that the database's own user cannot reach otherwise. Default `/var/lib/hackonomics`. */
  readonly fallbackRoot?: string;
}

export interface EmbeddedPostgres {
  /** `postgres://hackonomics:<password>@127.0.0.1:<port>/<database>` */
  readonly url: string;
  readonly port: number;
  /** As the server prints it, such as 18.4. */
  readonly version: string;
  /** Where the data really are: the folder asked for, or the one below `fallbackRoot`. */
  readonly dataDir: string;
  /** The last run was not stopped in order; what it left has been cleared. */
  readonly recovered: boolean;
  /** Resolves if the server ends without being asked to. */
  readonly exited: Promise<Error>;
  /** Stops the server and gives the folder back. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a PostgreSQL of our own on the data of the last start. Throws EmbeddedPostgresError. See README.md. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, explicit, fallbackRoot = '/var/lib/hackonomics' } = options;
  let where = dataDir;
  try {
    const placement = await place({ dataDir, explicit, fallbackRoot });
    where = placement.dataDir;
    const claim = claimFolder(where);
    return await startClaimed(placement, claim, options).catch((error: unknown) => {
      claim.release();
      throw error;
    });
  } catch (error) {
    throw describeFileError(error, where);
  }
}

async function startClaimed(
  placement: Placement,
  claim: FolderClaim,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { dataDir, binaries, user } = placement;
  const database = options.database ?? 'hackonomics';
  const password = readOrCreatePassword(dataDir);
  removeHalfMadeClusters(dataDir);
  let recovered = claim.predecessorDied;
  if (clusterOwner(dataDir)) {
    checkMajor(dataDir, binaries);
    recovered = (await clearStaleServer(dataDir)) || recovered;
  } else {
    await initialiseCluster(dataDir, binaries, user, password);
  }

  let stopping = false;
  const log = new ServerLog(join(dataDir, 'postgres.log'), (line) => {
    if (!stopping && isOfInterest(line)) options.log?.(line);
  });
  const start = () => launch({ dataDir, binaries, user, log });
  let server: RunningServer | undefined;
  try {
    server = await start();
    if (!(await ensureDatabase(server.port, password, database))) {
      await stopServer(server.process);
      resetPassword(dataDir, binaries, user, password);
      server = await start();
      if (!(await ensureDatabase(server.port, password, database))) throw passwordRefused(dataDir);
    }
  } catch (error) {
    stopping = true;
    if (server) await stopServer(server.process);
    log.close();
    if (server && !(error instanceof EmbeddedPostgresError)) throw notAnswering(dataDir, error);
    throw error;
  }
  const running = server.process;
  // An application that ends without stop() must not hang on to its database: the watcher stops it then.
  running.holdEventLoop(false);

  const exited = new Promise<Error>((resolve) => {
    void running.exit.then(({ code, signal }) => {
      if (!stopping) resolve(endedUnasked(dataDir, log, signal ?? code ?? 'nothing'));
    });
  });
  const stop = async () => {
    stopping = true;
    await stopServer(running);
    log.close();
    claim.release();
  };
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf(server.port, password, database),
    port: server.port,
    version: binaries.version,
    dataDir,
    recovered,
    exited,
    stop: () => (stopped ??= stop()),
  };
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${ROLE}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

const INVALID_PASSWORD = '28P01';
const NO_SUCH_DATABASE = '3D000';

/** Opens the database, and creates it where it is missing. False where the server refuses the password. */
async function ensureDatabase(port: number, password: string, database: string): Promise<boolean> {
  try {
    await visit(urlOf(port, password, database));
    return true;
  } catch (error) {
    if (sqlState(error) === INVALID_PASSWORD) return false;
    if (sqlState(error) !== NO_SUCH_DATABASE) throw error;
  }
  await visit(urlOf(port, password, 'postgres'), `CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  return true;
}

function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

async function visit(url: string, statement = 'SELECT 1'): Promise<void> {
  // `ssl` is stated, since PGSSLMODE in the environment would count otherwise.
  const client = new pg.Client({
    connectionString: url,
    ssl: false,
    connectionTimeoutMillis: 30_000,
    query_timeout: 60_000,
  });
  // A server that dies meanwhile fails the query as well; without a listener the event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Warnings and worse, and the notice of a recovery; a statement's ERROR is its caller's affair. */
function isOfInterest(line: string): boolean {
  return /(WARNING|FATAL|PANIC): |not properly shut down/.test(line) && !/database ".*" does not exist$/.test(line);
}

function notAnswering(dataDir: string, cause: unknown): EmbeddedPostgresError {
  const reason = (cause as { message?: string }).message ?? String(cause);
  return new EmbeddedPostgresError(
    'start_failed',
    `The embedded database in ${dataDir} started and then did not answer (${reason}): start again, or set DATABASE_URL to a PostgreSQL of your own.`,
    { cause },
  );
}

function passwordRefused(dataDir: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'start_failed',
    `The database in ${dataDir} refuses its own password: its pg_hba.conf or its roles were changed by hand. Mend that, or move the folder away to begin anew.`,
  );
}

function endedUnasked(dataDir: string, log: ServerLog, end: string | number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'server_ended',
    `The embedded database in ${dataDir} ended by itself (${lastWords(log.tail()) ?? end}); its log is ${log.path}. Start again: it recovers what was committed.`,
  );
}
