// What the ECB's whole history costs a process in memory, beside the same process without it. Needs a build and
// ECB_HISTORY_URL=<path of eurofxref-hist.csv>; run with node --expose-gc.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { startEmbeddedPostgres } = await load('libs/embedded-postgres/embedded-postgres.js');
const { migrate, DatabaseSettings } = await load('src/platform/database/database.js');
const { migrateJobQueue, JobRunner } = await load('src/jobs/job-runner.js');
const { schema } = await load('src/schema.js');
const { readConfig } = await load('src/platform/config/environment.js');
const { loadSecrets } = await load('src/platform/config/secrets.js');
const { startApplication } = await load('src/start.js');
const { RateBook } = await load('src/exchange-rate/rate-book.js');

const dataDir = join(tmpdir(), `hackonomics-bench-${randomBytes(6).toString('hex')}`);
const database = await startEmbeddedPostgres({ dataDir, explicit: true, database: 'bench' });
try {
  await migrate(database.url, schema, () => migrateJobQueue(database.url));
  const env = {
    ROLE: 'api',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    JWT_PRIVATE_KEY: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
    PORT: '39872',
    RATE_PROVIDERS: 'ecb',
    ECB_HISTORY_URL: process.env.ECB_HISTORY_URL,
  };
  const config = readConfig(env, { rateProviders: ['ecb'] });
  const settings = new DatabaseSettings(database.url, database.url);
  const runtime = { config, secrets: await loadSecrets(config, dataDir), database: settings, schema };
  const loader = await startApplication(runtime);
  const job = loader.get(JobRunner, { strict: false }).registered.find(({ name }) => name === 'rates.refresh.ecb');
  const started = performance.now();
  await job.run({}, { id: 'bench', signal: new AbortController().signal });
  console.log(`whole history stored in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  await loader.close();

  const app = await startApplication({ ...runtime });
  const book = app.get(RateBook, { strict: false });
  const before = used();
  const quotes = [...book.catalogueOf('ecb').values()].map(({ quote }) => quote);
  const pairs = [];
  for (const quote of quotes) pairs.push(await book.pair('ecb', 'EUR', quote));
  const series = used();
  for (const quote of quotes) if (quote !== 'USD') pairs.push(await book.pair('ecb', 'USD', quote));
  const crosses = used();
  const points = pairs.reduce((sum, booked) => sum + (booked?.pair.series.length ?? 0), 0);
  console.log(
    `published series: ${mb(series - before)} MB; with every cross against USD: ${mb(crosses - before)} MB (${points} points)`,
  );
  await app.close();
} finally {
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function used() {
  for (let at = 0; at < 4; at++) globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

function mb(bytes) {
  return (bytes / 1024 / 1024).toFixed(1);
}
