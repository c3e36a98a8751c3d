import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When series changed, by index; and since when each provider can answer from which day on. */
export class WhatWasKnownWhen1764100002000 implements MigrationInterface {
  readonly name = 'WhatWasKnownWhen1764100002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX rate_observations_stored ON rate_observations (series_id, fetched_at)`);
    await runner.query(`
      CREATE TABLE rate_loads (
        provider text NOT NULL,
        loaded_from date NOT NULL,
        loaded_at timestamptz NOT NULL,
        CONSTRAINT rate_loads_pkey PRIMARY KEY (provider, loaded_from)
      )`);
    // What was loaded before this table was there: as far back as the oldest figure stored by then.
    await runner.query(`
      INSERT INTO rate_loads (provider, loaded_from, loaded_at)
      SELECT provider, oldest, min(fetched_at)
        FROM (SELECT s.provider, o.fetched_at,
                     min(min(o.date)) OVER (PARTITION BY s.provider ORDER BY o.fetched_at) AS oldest
                FROM rate_observations o
                JOIN rate_series s ON s.id = o.series_id
                JOIN rate_sources source ON source.provider = s.provider AND o.date >= source.loaded_from
               GROUP BY s.provider, o.fetched_at) AS steps
       GROUP BY provider, oldest`);
    await runner.query(`
      INSERT INTO rate_loads (provider, loaded_from, loaded_at)
      SELECT provider, loaded_from, coalesce(succeeded_at, attempted_at) FROM rate_sources WHERE loaded_from IS NOT NULL
      ON CONFLICT DO NOTHING`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE rate_loads`);
    await runner.query(`DROP INDEX rate_observations_stored`);
  }
}
