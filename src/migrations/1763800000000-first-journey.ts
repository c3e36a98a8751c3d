import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People, their sessions, and the rates as published. */
export class FirstJourney1763800000000 implements MigrationInterface {
  readonly name = 'FirstJourney1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
        issuer text NOT NULL,
        subject text NOT NULL,
        email text,
        email_verified boolean NOT NULL,
        name text,
        picture text,
        role text NOT NULL,
        country text,
        currency text,
        created_at timestamptz NOT NULL,
        last_login_at timestamptz NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT users_identity UNIQUE (issuer, subject)
      )`);
    await runner.query(`
      CREATE TABLE sessions (
        id uuid NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT sessions_user_fkey REFERENCES users (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        address text,
        user_agent text,
        generation integer NOT NULL,
        token_hash bytea NOT NULL,
        previous_token_hash bytea,
        rotated_at timestamptz,
        revoked_at timestamptz,
        revoked_because text
      )`);
    await runner.query(`CREATE INDEX sessions_user ON sessions (user_id)`);
    await runner.query(`CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL`);
    await runner.query(`
      CREATE TABLE development_sign_in_records (
        kind text NOT NULL,
        id text NOT NULL,
        payload json NOT NULL,
        grant_id text,
        consumed_at timestamptz,
        expires_at timestamptz,
        CONSTRAINT development_sign_in_records_pkey PRIMARY KEY (kind, id)
      )`);
    await runner.query(`
      CREATE INDEX development_sign_in_records_grant ON development_sign_in_records (grant_id) WHERE grant_id IS NOT NULL`);
    await runner.query(`
      CREATE INDEX development_sign_in_records_expires ON development_sign_in_records (expires_at)`);
    await runner.query(`
      CREATE TABLE rate_series (
        id integer GENERATED ALWAYS AS IDENTITY NOT NULL CONSTRAINT rate_series_pkey PRIMARY KEY,
        provider text NOT NULL,
        base text NOT NULL,
        quote text NOT NULL,
        first_date date NOT NULL,
        last_date date NOT NULL,
        CONSTRAINT rate_series_pair UNIQUE (provider, base, quote)
      )`);
    await runner.query(`
      CREATE TABLE rate_observations (
        series_id integer NOT NULL CONSTRAINT rate_observations_series_fkey REFERENCES rate_series (id) ON DELETE CASCADE,
        date date NOT NULL,
        revision smallint NOT NULL,
        -- NaN counts as greater than any number, so it falls to the second half.
        rate numeric NOT NULL CHECK (rate > 0 AND rate < 'Infinity'),
        fetched_at timestamptz NOT NULL,
        superseded_at timestamptz,
        CONSTRAINT rate_observations_pkey PRIMARY KEY (series_id, date, revision)
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX rate_observations_current ON rate_observations (series_id, date) WHERE superseded_at IS NULL`);
    await runner.query(`
      CREATE TABLE rate_sources (
        provider text NOT NULL CONSTRAINT rate_sources_pkey PRIMARY KEY,
        attempted_at timestamptz NOT NULL,
        succeeded_at timestamptz,
        failures integer NOT NULL,
        loaded_from date,
        last_error text
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'rate_sources',
      'rate_observations',
      'rate_series',
      'development_sign_in_records',
      'sessions',
      'users',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
