import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { DataSourceOptions, EntityTarget, MigrationInterface, ObjectLiteral } from 'typeorm';

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

/** pg waits for ever unless told otherwise. Milliseconds. */
export const CONNECTION_TIMEOUT_MS = 5_000;

/** Every wait of a request or job has its deadline, in milliseconds. */
const DEADLINES = {
  connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
  query_timeout: 20_000,
  statement_timeout: 15_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 15_000,
};

export function dataSourceOptions(url: string, schema: DatabaseSchema, poolSize = 10, deadlines: object = DEADLINES): DataSourceOptions {
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
