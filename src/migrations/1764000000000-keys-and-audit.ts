import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Programs' credentials, nonces, limits and the audit log; sessions may outlive their person as tombstones. */
export class KeysAndAudit1764000000000 implements MigrationInterface {
  readonly name = 'KeysAndAudit1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE sessions ALTER COLUMN user_id DROP NOT NULL`);
    await runner.query(`CREATE INDEX users_created ON users (created_at, id)`);
    await runner.query(`
      CREATE TABLE machine_credentials (
        id text NOT NULL CONSTRAINT machine_credentials_pkey PRIMARY KEY,
        kind text NOT NULL,
        user_id uuid NOT NULL CONSTRAINT machine_credentials_user_fkey REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        scopes text[] NOT NULL,
        tier text,
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_until timestamptz,
        created_at timestamptz NOT NULL,
        rotated_at timestamptz,
        expires_at timestamptz,
        last_used_at timestamptz
      )`);
    await runner.query(`CREATE INDEX machine_credentials_user ON machine_credentials (user_id)`);
    await runner.query(`
      CREATE TABLE signature_nonces (
        hash bytea NOT NULL CONSTRAINT signature_nonces_pkey PRIMARY KEY,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX signature_nonces_expires ON signature_nonces (expires_at)`);
    await runner.query(`
      CREATE UNLOGGED TABLE rate_limits (
        key text NOT NULL CONSTRAINT rate_limits_pkey PRIMARY KEY,
        points integer NOT NULL,
        expire bigint
      )`);
    await runner.query(`CREATE INDEX rate_limits_expire ON rate_limits (expire)`);
    await runner.query(`
      CREATE TABLE audit_events (
        id bigint GENERATED ALWAYS AS IDENTITY NOT NULL CONSTRAINT audit_events_pkey PRIMARY KEY,
        at timestamptz NOT NULL,
        action text NOT NULL,
        person uuid,
        actor uuid,
        target text,
        reason text,
        address text,
        user_agent text,
        request_id text
      )`);
    await runner.query(`CREATE INDEX audit_events_person ON audit_events (person, id)`);
    await runner.query(`CREATE INDEX audit_events_actor ON audit_events (actor, id) WHERE actor IS NOT NULL`);
    await runner.query(`CREATE INDEX audit_events_action ON audit_events (action, id)`);
    await runner.query(`CREATE INDEX audit_events_at ON audit_events (at)`);
    // What happened stays as it was written. The one exception is the erasure of a person: hackonomics.erasing names, for
    // one transaction, who is erased and the pseudonym, as `<uuid>:<uuid>`. What becomes of a row then is decided here, to
    // the last column; a pseudonym that is somebody would lay one person's deeds at another's door.
    await runner.query(`
      CREATE FUNCTION audit_events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        erasing text := current_setting('hackonomics.erasing', true);
        erased uuid;
        pseudonym uuid;
        allowed audit_events;
      BEGIN
        IF TG_OP = 'UPDATE' AND erasing ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
          erased := split_part(erasing, ':', 1)::uuid;
          pseudonym := split_part(erasing, ':', 2)::uuid;
          allowed := OLD;
          IF coalesce(OLD.actor, OLD.person) = erased THEN
            allowed.address := NULL;
            allowed.user_agent := NULL;
          END IF;
          IF OLD.person = erased THEN allowed.person := pseudonym; END IF;
          IF OLD.actor = erased THEN allowed.actor := pseudonym; END IF;
          IF NEW IS NOT DISTINCT FROM allowed AND NOT EXISTS (SELECT FROM users WHERE id = pseudonym) THEN
            RETURN NEW;
          END IF;
        END IF;
        RAISE EXCEPTION 'audit_events is append-only';
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE ON audit_events
        FOR EACH ROW EXECUTE FUNCTION audit_events_stay()`);
    await runner.query(`
      CREATE TRIGGER audit_events_stay_all BEFORE TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION audit_events_stay()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_events`);
    await runner.query(`DROP FUNCTION audit_events_stay`);
    await runner.query(`DROP TABLE rate_limits`);
    await runner.query(`DROP TABLE signature_nonces`);
    await runner.query(`DROP TABLE machine_credentials`);
    await runner.query(`DROP INDEX users_created`);
    await runner.query(`DELETE FROM sessions WHERE user_id IS NULL`);
    await runner.query(`ALTER TABLE sessions ALTER COLUMN user_id SET NOT NULL`);
  }
}
