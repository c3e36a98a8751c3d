import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { RATE_PROVIDER_NAMES } from '../../src/exchange-rate/providers/providers.js';
import { readConfig, type Environment } from '../../src/platform/config/environment.js';
import { loadSecrets } from '../../src/platform/config/secrets.js';
import { DatabaseSettings } from '../../src/platform/database/database.js';
import type { Clock } from '../../src/platform/time/clock.js';
import { schema } from '../../src/schema.js';
import { startApplication } from '../../src/start.js';
import { testDatabase, type TestDatabase } from './test-database.js';

export interface TestApp {
  readonly url: string;
  readonly app: INestApplicationContext;
  readonly database: TestDatabase;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** As the operator would set it; DATABASE_URL, PORT and DATA_DIR are given. */
  readonly env?: Environment;
  readonly clock?: Clock;
  /** Another replica on the database of the first, which drops it in the end. */
  readonly sharing?: TestDatabase;
}

/** The whole application inside this process, on a database of its own, with an injected clock where one is given. */
export async function startTestApp({ env = {}, clock, sharing }: TestAppOptions = {}): Promise<TestApp> {
  const database = sharing ?? (await testDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), 'hackonomics-app-'));
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    // All that a spec sends comes from one address; specs of the limits set their own.
    RATE_LIMIT_SCALE: '1000',
    SESSION_SECRET: 'one session secret for all replicas of a test',
    ...env,
  };
  const config = readConfig(environment, { rateProviders: RATE_PROVIDER_NAMES });
  const secrets = await loadSecrets(config, dataDir);
  const settings = new DatabaseSettings(database.url, database.url);
  const app = await startApplication({
    config,
    secrets,
    database: settings,
    schema,
    ...(clock === undefined ? {} : { clock }),
  });
  return {
    url: `http://127.0.0.1:${config.port}`,
    app,
    database,
    stop: async () => {
      await app.close();
      await rm(dataDir, { recursive: true, force: true });
      if (sharing === undefined) await database.drop();
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
