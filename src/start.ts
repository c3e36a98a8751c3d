import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../libs/embedded-postgres/embedded-postgres.js';
import { AppModule } from './app.module.js';
import { DevelopmentSignIn } from './auth/development-sign-in/development-sign-in.js';
import { JobRunner, migrateJobQueue } from './jobs/job-runner.js';
import type { Config } from './platform/config/config.js';
import { loadSecrets } from './platform/config/secrets.js';
import { DatabaseSettings, migrate, pendingMigrations } from './platform/database/database.js';
import { checkDatabase, databaseUnusable } from './platform/database/database-check.js';
import { serveApiDocument } from './platform/http/api-document.js';
import { configureHttp } from './platform/http/configure-http.js';
import { useLogger } from './platform/logging.js';
import type { Runtime } from './platform/platform.module.js';
import { StartFailed } from './platform/start-failed.js';
import { schema } from './schema.js';

/** The compiled page lies beside the compiled server: dist/web and dist/src. */
const WEB_DIR = join(dirname(dirname(fileURLToPath(import.meta.url))), 'web');

/** What runs, so that it can be described and stopped. */
export interface Running {
  /** Undefined after ROLE=migrate, which leaves nothing running but the embedded database. */
  readonly app: INestApplicationContext | undefined;
  readonly embedded: EmbeddedPostgres | undefined;
  /** In order: requests and jobs in flight, then the database. */
  stop(): Promise<void>;
}

/**
 * Starts what the role asks for. Throws StartFailed or EmbeddedPostgresError with a line for the operator, and the
 * reason of `stop` where that comes first; whatever it throws, it leaves nothing running.
 */
export async function start(config: Config, stop: AbortSignal): Promise<Running> {
  // What is logged before the application has its logger waits for it.
  Logger.attachBuffer();
  stop.throwIfAborted();
  let embedded: EmbeddedPostgres | undefined;
  let app: INestApplicationContext | undefined;
  const stopAll = async () => {
    try {
      await app?.close();
    } finally {
      await embedded?.stop();
    }
  };
  try {
    embedded = config.databaseUrl === undefined ? await startEmbedded(config) : undefined;
    stop.throwIfAborted();
    const url = embedded?.url ?? config.databaseUrl ?? '';
    const database = new DatabaseSettings(url, embedded?.url ?? config.databaseDirectUrl ?? url);
    await prepareDatabase(config, database, stop);
    if (config.role !== 'migrate') {
      const secrets = await loadSecrets(config, embedded?.dataDir ?? config.dataDir);
      // Before the application takes up its connections, which it would only have to give back.
      if (config.role !== 'worker') await tryToListen(config);
      stop.throwIfAborted();
      app = await startApplication({ config, secrets, database, schema });
      stop.throwIfAborted();
    }
    return { app, embedded, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

function startEmbedded({ dataDir, dataDirExplicit: explicit }: Config): Promise<EmbeddedPostgres> {
  const logger = new Logger('postgres');
  return startEmbeddedPostgres({ dataDir, explicit, log: (line) => logger.warn(line) });
}

/** The database answers, is new enough, and has the schema of this version. */
async function prepareDatabase(config: Config, database: DatabaseSettings, stop: AbortSignal): Promise<void> {
  const { url, directUrl } = database;
  const variable = directUrl === url ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL';
  await checkDatabase(directUrl, variable);
  if (directUrl !== url && config.role !== 'migrate') await checkDatabase(url, 'DATABASE_URL');
  stop.throwIfAborted();
  if (config.role === 'all' || config.role === 'migrate') {
    try {
      await migrate(directUrl, schema, () => migrateJobQueue(directUrl), stop);
    } catch (error) {
      throw databaseUnusable(error, variable) ?? error;
    }
  } else if ((await pendingMigrations(directUrl, schema)).length > 0) {
    throw new StartFailed('The database schema is not up to date: run this version once with ROLE=migrate.');
  }
}

/** The application of one process, on a database whose schema is up to date. */
export async function startApplication(runtime: Runtime): Promise<INestApplicationContext> {
  const { config } = runtime;
  const module = AppModule.with(runtime);
  // Connections are cut only after InFlight has let the requests on them finish.
  const options = { bufferLogs: true, abortOnError: false, forceCloseConnections: true };
  if (config.role === 'worker') {
    const context = await NestFactory.createApplicationContext(module, options);
    useLogger(context);
    return closedOnError(context, () => context.get(JobRunner).work());
  }
  const app = await NestFactory.create<NestExpressApplication>(module, { ...options, bodyParser: false });
  useLogger(app);
  return closedOnError(app, async () => {
    configureHttp(app, WEB_DIR);
    if (config.google.kind === 'development')
      await app.get(DevelopmentSignIn).mount(app.getHttpAdapter().getInstance());
    serveApiDocument(app);
    await app.listen(config.port, config.host).catch((error: unknown) => {
      throw listenFailed(error, config.host, config.port) ?? error;
    });
    if (config.role === 'all') await app.get(JobRunner).work();
  });
}

async function closedOnError<App extends INestApplicationContext>(app: App, rest: () => Promise<void>): Promise<App> {
  try {
    await rest();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function tryToListen({ host, port }: Config): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw listenFailed(error, host, port) ?? error;
  }
  await new Promise((resolve) => server.close(resolve));
}

function listenFailed(cause: unknown, host: string, port: number): StartFailed | undefined {
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartFailed(`Another program already listens on ${at}: stop it, or choose another PORT.`, { cause });
    case 'EACCES':
      return new StartFailed(`This user may not listen on ${at}: choose a PORT above 1023.`, { cause });
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartFailed(`This machine has no address ${host}: choose another HOST.`, { cause });
    default:
      return undefined;
  }
}
