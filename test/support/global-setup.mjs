// One real PostgreSQL for all specs: the embedded one, in a folder of its own, ended by global-teardown.
// Each spec file gets its own database, copied from a template that has every migration applied.
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';

export default async function globalSetup() {
  const dist = new URL('../../dist/', import.meta.url);
  const load = (path) => import(new URL(path, dist).href);
  const { startEmbeddedPostgres } = await load('libs/embedded-postgres/embedded-postgres.js');
  const { migrate } = await load('src/platform/database/database.js');
  const { migrateJobQueue } = await load('src/jobs/job-runner.js');
  const { schema } = await load('src/schema.js');

  const dataDir = join(tmpdir(), `hackonomics-test-${randomBytes(6).toString('hex')}`);
  const database = await startEmbeddedPostgres({ dataDir, explicit: true, database: 'template_migrated' });
  globalThis.__testDatabase = { database, dataDir };
  process.env.TEST_DATABASE_URL = database.url;
  await migrate(database.url, schema, () => migrateJobQueue(database.url));
}
