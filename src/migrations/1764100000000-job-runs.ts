import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs that somebody asked for: what became of them, and how far they are. */
export class JobRuns1764100000000 implements MigrationInterface {
  readonly name = 'JobRuns1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE job_runs (
        id uuid NOT NULL CONSTRAINT job_runs_pkey PRIMARY KEY,
        type text NOT NULL,
        params jsonb NOT NULL,
        owner_id uuid CONSTRAINT job_runs_owner_fkey REFERENCES users (id) ON DELETE SET NULL,
        dedupe_key text NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL,
        failures integer NOT NULL,
        done integer NOT NULL,
        total integer NOT NULL,
        checkpoint jsonb,
        error text,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        cancel_requested_at timestamptz
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX job_runs_same ON job_runs (type, owner_id, dedupe_key)
       WHERE state IN ('queued', 'running') AND cancel_requested_at IS NULL`);
    await runner.query(`CREATE INDEX job_runs_created ON job_runs (created_at, id)`);
    await runner.query(`CREATE INDEX job_runs_owner ON job_runs (owner_id, created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE job_runs`);
  }
}
