import { Logger } from '@nestjs/common';
import pg from 'pg';
import { DataSource, type DataSourceOptions, type EntityTarget, type MigrationInterface, type ObjectLiteral } from 'typeorm';

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

/** pg waits for ever unless told otherwise: every wait has its deadline, in milliseconds. */
const DEADLINES = {
  connectionTimeoutMillis: 5_000,
  query_timeout: 20_000,
  statement_timeout: 15_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 15_000,
};

export function dataSourceOptions(url: string, schema: DatabaseSchema, poolSize = 10): DataSourceOptions {
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
    extra: { max: poolSize, ...DEADLINES },
  };
}

/** Any constant does; it must only be the same in every process that migrates. */
const MIGRATION_LOCK = 4_827_361_552;

/**
 * Brings the schema up to date. Processes that start together take turns (advisory lock, which TypeORM lacks), and each
 * migration is one transaction. `alsoUnderLock` runs under the same lock, for parts that keep their own schema.
 */
export async function migrate(directUrl: string, schema: DatabaseSchema, alsoUnderLock: () => Promise<void>): Promise<void> {
  const lock = new pg.Client({ connectionString: directUrl, connectionTimeoutMillis: 5_000 });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const source = new DataSource({ ...dataSourceOptions(directUrl, schema, 2) });
    await source.initialize();
    try {
      await source.runMigrations({ transaction: 'each' });
    } finally {
      await source.destroy();
    }
    await alsoUnderLock();
  } finally {
    await lock.end();
  }
}

/** Names of migrations that this code has and the database lacks. */
export async function pendingMigrations(directUrl: string, schema: DatabaseSchema): Promise<string[]> {
  const client = new pg.Client({ connectionString: directUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ exists: boolean }>(`SELECT to_regclass('migrations') IS NOT NULL AS exists`);
    const done = rows[0]?.exists === true ? await client.query<{ name: string }>('SELECT name FROM migrations') : { rows: [] };
    const names = new Set(done.rows.map((row) => row.name));
    return schema.migrations.map((migration) => migration.name).filter((name) => !names.has(name));
  } finally {
    await client.end();
  }
}
