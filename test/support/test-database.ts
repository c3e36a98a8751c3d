import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/platform/database/database.js';
import { schema } from '../../src/schema.js';

export interface TestDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  drop(): Promise<void>;
}

/** A database of its own with every migration applied, on the PostgreSQL that global-setup has started. */
export function testDatabase(): Promise<TestDatabase> {
  return copyOf('template_migrated');
}

/** One without any table. */
export function emptyDatabase(): Promise<TestDatabase> {
  return copyOf('template0');
}

async function copyOf(original: string): Promise<TestDatabase> {
  const template = process.env.TEST_DATABASE_URL;
  if (template === undefined) throw new Error('run the specs by npm test: global-setup starts their PostgreSQL');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdministrator(template, `CREATE DATABASE ${name} TEMPLATE ${original}`);
  const url = template.replace(/\/[^/]+$/, `/${name}`);
  const dataSource = new DataSource(dataSourceOptions(url, schema, 4));
  await dataSource.initialize();
  return {
    url,
    dataSource,
    drop: async () => {
      await dataSource.destroy();
      await asAdministrator(template, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function asAdministrator(template: string, sql: string): Promise<void> {
  // Not the template itself: PostgreSQL copies no database that somebody is connected to.
  const client = new pg.Client({ connectionString: template.replace(/\/[^/]+$/, '/postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
