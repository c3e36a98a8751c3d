import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { CONNECTION_TIMEOUT_MS, type DatabaseSchema, dataSourceOptions } from './database.js';
import { withClient } from './database-check.js';

/** Any constant does; it must only be the same in every process that migrates. */
const MIGRATION_LOCK = 4_827_361_552;
const LOCK_RETRY_MS = 200;
/** A migration may take its time over a large table; what it waits for must not. */
const MIGRATION_DEADLINES = { connectionTimeoutMillis: CONNECTION_TIMEOUT_MS, lock_timeout: 30_000 };

interface MigrateOptions {
  /** Runs under the same lock, before our own tables: for parts that keep their own schema. */
  readonly first?: () => Promise<void>;
  /** Ends the waiting for other processes; a migration that has begun is finished. */
  readonly stop?: AbortSignal;
}

/**
 * Brings the schema up to date. Processes that start together take turns (advisory lock, which TypeORM lacks), and each
 * migration is one transaction.
 */
export async function migrate(directUrl: string, schema: DatabaseSchema, { first, stop }: MigrateOptions = {}): Promise<void> {
  await withClient(directUrl, async (client) => {
    await takeTurn(client, stop);
    await first?.();
    const source = new DataSource(dataSourceOptions(directUrl, schema, 2, MIGRATION_DEADLINES));
    await source.initialize();
    try {
      await source.runMigrations({ transaction: 'each' });
    } finally {
      await source.destroy();
    }
  });
}

/** The lock goes with the connection. Asked for again and again: a waiting statement could not be stopped in order. */
async function takeTurn(client: pg.Client, stop: AbortSignal | undefined): Promise<void> {
  for (;;) {
    stop?.throwIfAborted();
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [MIGRATION_LOCK]);
    if (rows[0]?.mine === true) return;
    await pause(LOCK_RETRY_MS);
  }
}

/** Names of migrations that this code has and the database lacks. */
export function pendingMigrations(directUrl: string, schema: DatabaseSchema): Promise<string[]> {
  return withClient(directUrl, async (client) => {
    const { rows } = await client.query<{ exists: boolean }>(`SELECT to_regclass('migrations') IS NOT NULL AS exists`);
    const done = rows[0]?.exists === true ? await client.query<{ name: string }>('SELECT name FROM migrations') : { rows: [] };
    const names = new Set(done.rows.map((row) => row.name));
    return schema.migrations.map((migration) => migration.name).filter((name) => !names.has(name));
  });
}
