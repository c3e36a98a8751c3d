import type { TestDatabase } from './test-database.js';

export const BACKFILLS = '/api/exchange-rate/backfills';

/** A job as its owner sees it. */
export interface Job {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly error: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** Every figure with its revisions, all but the time of fetching and the numbers of the series: how many, and a digest. */
export async function tableOf({ dataSource }: TestDatabase): Promise<{ rows: number; digest: string }> {
  const [table] = await dataSource.query<{ rows: number; digest: string }[]>(
    `SELECT count(*)::int AS rows, md5(string_agg(line, E'\n' ORDER BY line)) AS digest
       FROM (SELECT concat_ws(' ', s.provider, s.base, s.quote, s.first_date, s.last_date, o.date, o.revision, o.rate,
                              o.superseded_at IS NULL) COLLATE "C" AS line
               FROM rate_observations o JOIN rate_series s ON s.id = o.series_id) AS lines`,
  );
  if (table === undefined) throw new Error('a query of counts has one row');
  return table;
}

/** As if everything had been fetched a moment ago: the refresh job finds nothing to do, and leaves the table alone. */
export async function nothingDue({ dataSource }: TestDatabase, provider: string, at: Date): Promise<void> {
  await dataSource.query(
    `INSERT INTO rate_sources (provider, attempted_at, succeeded_at, failures, loaded_from)
     VALUES ($1, $2, $2, 0, '1999-01-04')`,
    [provider, at],
  );
}

/** No job and no figure, as in the beginning. */
export async function startOver({ dataSource }: TestDatabase): Promise<void> {
  await dataSource.query(`DELETE FROM job_runs`);
  await dataSource.query(`DELETE FROM pgboss.job WHERE name = 'rates.backfill'`);
  await dataSource.query(`TRUNCATE rate_series CASCADE`);
}
