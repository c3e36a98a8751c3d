// Applies all migrations to an empty database and asks TypeORM what it would still change: nothing, or they are behind.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { DataSource } from 'typeorm';

const dist = new URL('../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { startEmbeddedPostgres } = await load('libs/embedded-postgres/embedded-postgres.js');
const { dataSourceOptions, migrate } = await load('src/platform/database/database.js');
const { schema } = await load('src/schema.js');

const dataDir = join(tmpdir(), `hackonomics-migrations-${randomBytes(6).toString('hex')}`);
const database = await startEmbeddedPostgres({ dataDir, explicit: true });
let missing;
try {
  await migrate(database.url, schema, () => Promise.resolve());
  const source = await new DataSource(dataSourceOptions(database.url, schema, 1)).initialize();
  missing = (await source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);
  await source.destroy();
} finally {
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}
if (missing.length > 0) {
  console.error(`The entities differ from what the migrations make:\n${missing.join('\n')}`);
  process.exit(1);
}
