// What telling the caller costs a request in the steady state, beside verifying the token each time. Needs a build;
// starts an embedded PostgreSQL in a temporary folder.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { startEmbeddedPostgres } = await load('libs/embedded-postgres/embedded-postgres.js');
const { migrate, DatabaseSettings } = await load('src/platform/database/database.js');
const { migrateJobQueue } = await load('src/jobs/job-runner.js');
const { schema } = await load('src/schema.js');
const { readConfig } = await load('src/platform/config/environment.js');
const { loadSecrets } = await load('src/platform/config/secrets.js');
const { startApplication } = await load('src/start.js');
const { Callers } = await load('src/auth/callers.js');
const { AccessTokens } = await load('src/auth/tokens/access-tokens.service.js');
const { SessionsService } = await load('src/auth/sessions/sessions.service.js');

const ROUNDS = 200_000;
const ROUNDS_OF_VERIFYING = 5_000;

const dataDir = join(tmpdir(), `hackonomics-bench-${randomBytes(6).toString('hex')}`);
const database = await startEmbeddedPostgres({ dataDir, explicit: true, database: 'bench' });
try {
  await migrate(database.url, schema, () => migrateJobQueue(database.url));
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const env = {
    ROLE: 'api',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    JWT_PRIVATE_KEY: pem,
    PORT: '39871',
  };
  const config = readConfig(env, { rateProviders: ['ecb'] });
  const settings = new DatabaseSettings(database.url, database.url);
  const app = await startApplication({
    config,
    secrets: await loadSecrets(config, dataDir),
    database: settings,
    schema,
  });
  const get = (type) => app.get(type, { strict: false });
  const identity = { issuer: 'https://issuer.example', subject: '1', email: null, emailVerified: false };
  const device = { address: '127.0.0.1', userAgent: null, requestId: 'bench' };
  const session = await get(SessionsService).signIn({ ...identity, name: null, picture: null }, device);
  const tokens = get(AccessTokens);
  const token = tokens.issue(session);
  const callers = get(Callers);
  const request = {
    headers: { authorization: `Bearer ${token}` },
    rawHeaders: ['Authorization', `Bearer ${token}`],
    query: {},
    socket: {},
  };

  await microseconds(ROUNDS, () => callers.identify(request)); // warm
  const known = await microseconds(ROUNDS, () => callers.identify(request));
  const fresh = Array.from({ length: ROUNDS_OF_VERIFYING }, () => tokens.issue(session));
  const verifying = await microseconds(ROUNDS_OF_VERIFYING, (at) => tokens.verify(fresh[at]));
  console.log(
    `known token: ${known.toFixed(2)} µs a request; verifying ES256 each time: ${verifying.toFixed(1)} µs (× ${(verifying / known).toFixed(0)})`,
  );
  await app.close();
} finally {
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function microseconds(rounds, work) {
  const started = process.hrtime.bigint();
  for (let at = 0; at < rounds; at++) await work(at);
  return Number(process.hrtime.bigint() - started) / 1000 / rounds;
}
