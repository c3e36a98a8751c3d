import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../libs/embedded-postgres/embedded-postgres.js';
import { AppModule } from './app.module.js';
import { DevelopmentSignIn } from './auth/development-sign-in/development-sign-in.js';
import { JobRunner, migrateJobQueue } from './jobs/job-runner.js';
import type { Config } from './platform/config/config.js';
import { loadSecrets } from './platform/config/secrets.js';
import { DatabaseSettings, migrate, pendingMigrations } from './platform/database/database.js';
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
  readonly app: INestApplicationContext | undefined;
  readonly embedded: EmbeddedPostgres | undefined;
  /** In order: requests and jobs in flight, then the database. */
  stop(): Promise<void>;
}

/** Starts what the role asks for. Throws StartFailed or EmbeddedPostgresError with a line for the operator. */
export async function start(config: Config): Promise<Running> {
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, explicit: config.dataDirExplicit })
      : undefined;
  try {
    const url = embedded?.url ?? config.databaseUrl ?? '';
    const database = new DatabaseSettings(url, embedded?.url ?? config.databaseDirectUrl ?? url);
    await bringSchemaUpToDate(config, database.directUrl);
    const secrets = await loadSecrets(config, embedded?.dataDir ?? config.dataDir);
    const app = config.role === 'migrate' ? undefined : await startApplication({ config, secrets, database, schema });
    return {
      app,
      embedded,
      stop: async () => {
        await app?.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function bringSchemaUpToDate(config: Config, directUrl: string): Promise<void> {
  try {
    if (config.role === 'all' || config.role === 'migrate') {
      await migrate(directUrl, schema, () => migrateJobQueue(directUrl));
      return;
    }
    const pending = await pendingMigrations(directUrl, schema);
    if (pending.length === 0) return;
  } catch (cause) {
    throw new StartFailed(`The database of DATABASE_URL cannot be used: ${reasonOf(cause)}.`, { cause });
  }
  throw new StartFailed('The database schema is not up to date: run this version once with ROLE=migrate.');
}

/** The application of one process, on a database whose schema is up to date. */
export async function startApplication(runtime: Runtime): Promise<INestApplicationContext> {
  const { config } = runtime;
  const module = AppModule.with(runtime);
  const options = { bufferLogs: true, abortOnError: false, forceCloseConnections: true };
  if (config.role === 'worker') {
    const context = await NestFactory.createApplicationContext(module, options);
    useLogger(context);
    await context.get(JobRunner).work();
    return context;
  }
  const app = await NestFactory.create<NestExpressApplication>(module, { ...options, bodyParser: false });
  try {
    useLogger(app);
    configureHttp(app, WEB_DIR);
    if (config.google.kind === 'development') await app.get(DevelopmentSignIn).mount(app.getHttpAdapter().getInstance());
    serveApiDocument(app);
    await app.listen(config.port, config.host);
    if (config.role === 'all') await app.get(JobRunner).work();
    return app;
  } catch (error) {
    await app.close();
    throw listenFailed(error, config) ?? error;
  }
}

function listenFailed(error: unknown, { host, port }: Config): StartFailed | undefined {
  const at = `${host}:${port}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartFailed(`Another program already listens on ${at}: stop it, or choose another PORT.`, { cause: error });
    case 'EACCES':
      return new StartFailed(`This user may not listen on ${at}: choose a PORT above 1023.`, { cause: error });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartFailed(`This machine has no address ${host}: choose another HOST.`, { cause: error });
    default:
      return undefined;
  }
}

/** What a database error means to an operator, without the URL, which holds a password. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its host is not known';
    case '28P01':
    case '28000':
      return 'it refuses this user or password';
    case '3D000':
      return 'there is no such database';
    case '42501':
      return 'this user may not create tables there';
    default:
      return message !== undefined && /timeout/i.test(message) ? 'it does not answer' : `${message ?? 'unknown reason'}`;
  }
}
