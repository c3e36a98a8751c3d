import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When sources may be asked again, how far the weekly pass over everything has come, and figures that are not believed. */
export class RatePolicy1764100001000 implements MigrationInterface {
  readonly name = 'RatePolicy1764100001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE rate_sources
        ADD COLUMN retry_at timestamptz,
        ADD COLUMN full_pass_at timestamptz,
        ADD COLUMN full_pass_reached date,
        ADD COLUMN full_pass_tried_at timestamptz`);
    await runner.query(`
      CREATE TABLE rate_quarantine (
        provider text NOT NULL,
        base text NOT NULL,
        quote text NOT NULL,
        date date NOT NULL,
        rate text NOT NULL CONSTRAINT rate_quarantine_rate_check CHECK (length(rate) <= 64),
        reason text NOT NULL,
        first_seen timestamptz NOT NULL,
        last_seen timestamptz NOT NULL,
        times integer NOT NULL,
        CONSTRAINT rate_quarantine_pkey PRIMARY KEY (provider, base, quote, date, rate)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE rate_quarantine`);
    await runner.query(`
      ALTER TABLE rate_sources
        DROP COLUMN retry_at, DROP COLUMN full_pass_at, DROP COLUMN full_pass_reached, DROP COLUMN full_pass_tried_at`);
  }
}
