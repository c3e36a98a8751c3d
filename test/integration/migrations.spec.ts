import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, pendingMigrations } from '../../src/platform/database/database.js';
import { schema } from '../../src/schema.js';
import { emptyDatabase, type TestDatabase } from '../support/test-database.js';

describe('migrations', () => {
  let database: TestDatabase;
  const up = (stop?: AbortSignal) => migrate(database.url, schema, () => Promise.resolve(), stop);
  const tables = async () => {
    const rows: { name: string }[] = await database.dataSource.query(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'S', 'v', 'm') AND c.relname NOT LIKE 'migrations%' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  beforeAll(async () => {
    database = await emptyDatabase();
  });
  afterAll(() => database.drop());

  it('wait for each other, and are all applied once', async () => {
    expect(await pendingMigrations(database.url, schema)).toEqual(schema.migrations.map(({ name }) => name));
    await Promise.all([up(), up(), up()]);
    expect(await pendingMigrations(database.url, schema)).toEqual([]);
    const rows: { name: string }[] = await database.dataSource.query('SELECT name FROM migrations ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual(schema.migrations.map(({ name }) => name));
  });

  it('make what the entities say, nothing more and nothing less', async () => {
    const changes = await database.dataSource.driver.createSchemaBuilder().log();
    expect(changes.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('leave nothing when they are taken back, and can be applied again', async () => {
    const made = await tables();
    for (const _ of schema.migrations) await database.dataSource.undoLastMigration({ transaction: 'each' });
    expect(await tables()).toEqual([]);
    await up();
    expect(await tables()).toEqual(made);
  });

  it('stop waiting when the process is told to stop', async () => {
    const holder = database.dataSource.createQueryRunner();
    await holder.query('SELECT pg_advisory_lock(4827361552)');
    const stop = new AbortController();
    const waiting = up(stop.signal);
    stop.abort();
    await expect(waiting).rejects.toBe(stop.signal.reason);
    await holder.query('SELECT pg_advisory_unlock_all()');
    await holder.release();
  });
});
