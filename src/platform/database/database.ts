import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import {
  DataSource,
  type DataSourceOptions,
  type EntityTarget,
  type MigrationInterface,
  type ObjectLiteral,
} from 'typeorm';
import { CONNECTION_TIMEOUT_MS, withClient } from './connection.js';

// Days and decimals stay text: a Date would shift a day by the zone, a double would round a rate.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, (text) => text);

/** Where the database is, once it is known (the embedded one picks its port at start). */
export class DatabaseSettings {
  constructor(
    readonly url: string,
    /** For LISTEN, migrations and session locks; differs from `url` where that is a transaction pooler. */
    readonly directUrl: string,
  ) {}
}

/** The explicit lists that make up the schema, given by the composition root. */
export interface DatabaseSchema {
  readonly entities: readonly EntityTarget<ObjectLiteral>[];
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** Every wait of a request or job has its deadline, in milliseconds. */
const DEADLINES = {
  connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
  query_timeout: 20_000,
  statement_timeout: 15_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 15_000,
};

export function dataSourceOptions(
  url: string,
  schema: DatabaseSchema,
  poolSize = 10,
  deadlines: object = DEADLINES,
): DataSourceOptions {
  const logger = new Logger('database');
  return {
    type: 'postgres',
    url,
    entities: schema.entities as never,
    migrations: [...schema.migrations],
    migrationsTableName: 'migrations',
    synchronize: false,
    applicationName: 'hackonomics',
    // A connection that breaks while idle is replaced by the pool; unheard, its error would end the process.
    poolErrorHandler: (error: Error) => logger.warn({ err: error }, 'an idle database connection was lost'),
    extra: { max: poolSize, ...deadlines },
  };
}

/** Any constant does; it must only be the same in every process that migrates. */
const MIGRATION_LOCK = 4_827_361_552;
const LOCK_RETRY_MS = 200;
/** A migration may take its time over a large table; what it waits for must not. */
const MIGRATION_DEADLINES = { connectionTimeoutMillis: CONNECTION_TIMEOUT_MS, lock_timeout: 30_000 };

/**
 * Brings the schema up to date. Processes that start together take turns (advisory lock, which TypeORM lacks), and each
 * migration is one transaction. `first` runs under the same lock, for parts that keep their own schema: where no
 * migration of ours is pending, theirs was made too. `stop` ends the waiting for others; what has begun is finished.
 */
export async function migrate(
  directUrl: string,
  schema: DatabaseSchema,
  first: () => Promise<void>,
  stop?: AbortSignal,
): Promise<void> {
  await withClient(directUrl, async (client) => {
    await takeTurn(client, stop);
    await first();
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
    const done =
      rows[0]?.exists === true ? await client.query<{ name: string }>('SELECT name FROM migrations') : { rows: [] };
    const names = new Set(done.rows.map((row) => row.name));
    return schema.migrations.map((migration) => migration.name).filter((name) => !names.has(name));
  });
}
