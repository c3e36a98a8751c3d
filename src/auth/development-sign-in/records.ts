import type { DataSource } from 'typeorm';

export interface NewRecord {
  readonly kind: string;
  readonly id: string;
  readonly payload: unknown;
  /** Seconds; left out: kept for good. */
  readonly life?: number | undefined;
  readonly grantId?: string | undefined;
}

export interface KeptRecord<T> {
  readonly payload: T;
  readonly consumedAt: Date | null;
}

/** A process deletes what has expired at its start and at each of these writes: growth stays bounded. */
const WRITES_BETWEEN_SWEEPS = 50;

/**
 * The table behind the development sign-in, shared by every process: a code issued by one is redeemed at another.
 * Lives are measured by the database's clock, the one that all of them share.
 */
export class Records {
  private writes = 0;

  constructor(private readonly database: DataSource) {}

  async find<T>(kind: string, id: string): Promise<KeptRecord<T> | undefined> {
    // Comes from requests; no id has a NUL, and PostgreSQL takes none.
    if (id.includes('\0')) return undefined;
    const rows: { payload: T; consumed_at: Date | null }[] = await this.database.query(
      `SELECT payload, consumed_at FROM development_sign_in_records
        WHERE kind = $1 AND id = $2 AND (expires_at IS NULL OR expires_at > now())`,
      [kind, id],
    );
    const [row] = rows;
    return row && { payload: row.payload, consumedAt: row.consumed_at };
  }

  /** Those that live longest come first. */
  async newest<T>(kind: string, limit: number): Promise<T[]> {
    const rows: { payload: T }[] = await this.database.query(
      `SELECT payload FROM development_sign_in_records
        WHERE kind = $1 AND expires_at > now() ORDER BY expires_at DESC, id LIMIT $2`,
      [kind, limit],
    );
    return rows.map((row) => row.payload);
  }

  async save(record: NewRecord): Promise<void> {
    await this.database.query(
      `${INSERT} ON CONFLICT (kind, id) DO UPDATE
          SET payload = excluded.payload, grant_id = excluded.grant_id, expires_at = excluded.expires_at`,
      values(record),
    );
    this.writes += 1;
    if (this.writes % WRITES_BETWEEN_SWEEPS === 0) await this.deleteExpired();
  }

  /** Of several processes that do this at once, all go on with the one that was first. */
  async saveUnlessThere(record: NewRecord): Promise<void> {
    await this.database.query(`${INSERT} ON CONFLICT (kind, id) DO NOTHING`, values(record));
  }

  /** True for the one caller that consumes it, however many try at once. */
  async consume(kind: string, id: string): Promise<boolean> {
    const rows: unknown[] = await this.database.query(
      `WITH consumed AS (
         UPDATE development_sign_in_records SET consumed_at = now()
          WHERE kind = $1 AND id = $2 AND consumed_at IS NULL RETURNING 1)
       SELECT * FROM consumed`,
      [kind, id],
    );
    return rows.length === 1;
  }

  async delete(kind: string, id: string): Promise<void> {
    await this.database.query('DELETE FROM development_sign_in_records WHERE kind = $1 AND id = $2', [kind, id]);
  }

  async deleteOfGrant(kind: string, grantId: string): Promise<void> {
    await this.database.query('DELETE FROM development_sign_in_records WHERE kind = $1 AND grant_id = $2', [
      kind,
      grantId,
    ]);
  }

  async deleteExpired(): Promise<void> {
    await this.database.query('DELETE FROM development_sign_in_records WHERE expires_at <= now()');
  }
}

const INSERT = `INSERT INTO development_sign_in_records (kind, id, payload, grant_id, expires_at)
  VALUES ($1, $2, $3::json, $4, now() + make_interval(secs => $5::double precision))`;

function values({ kind, id, payload, grantId, life }: NewRecord): unknown[] {
  return [kind, id, JSON.stringify(payload), grantId ?? null, life ?? null];
}
