import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PgEvents } from '../../platform/events/pg-events.js';
import type { IsoDate } from '../../platform/time/iso-date.js';
import { RateSourceEntity } from './rate-source.entity.js';
import { RATE_SOURCE_CHANGED, type SourceStanding } from './rates-changed.js';

/** How a source stands and how its fetches went. */
export interface SourceHealth extends SourceStanding {
  readonly attemptedAt: Date;
  readonly succeededAt: Date | null;
  readonly lastError: string | null;
  readonly retryAt: Date | null;
  readonly fullPassAt: Date | null;
  readonly fullPassReached: IsoDate | null;
  readonly fullPassTriedAt: Date | null;
}

export interface Failure {
  readonly error: string;
  /** The source asked not to be called before. */
  readonly retryAt: Date | null;
  /** It was a stretch of the full pass that failed. */
  readonly fullPass: boolean;
}

/** The health of each provider, for operators and for the decision whether sample rates are due. */
@Injectable()
export class RateSourcesRepository {
  constructor(private readonly database: DataSource) {}

  async all(): Promise<SourceHealth[]> {
    const rows = await this.database.getRepository(RateSourceEntity).find({ order: { provider: 'ASC' } });
    return rows.map((row) => ({
      ...row,
      loadedFrom: row.loadedFrom as IsoDate | null,
      fullPassReached: row.fullPassReached as IsoDate | null,
    }));
  }

  async of(provider: string): Promise<SourceHealth | undefined> {
    return (await this.all()).find((health) => health.provider === provider);
  }

  /** Everything from `from` on has been fetched; `whole`: that is all the source has. */
  async succeeded(provider: string, at: Date, { from, whole }: { from: IsoDate; whole: boolean }): Promise<void> {
    await this.record(
      `INSERT INTO rate_sources (provider, attempted_at, succeeded_at, failures, loaded_from, last_error, full_pass_at)
       VALUES ($1, $2, $2, 0, $3, NULL, CASE WHEN $4 THEN $2::timestamptz END)
       ON CONFLICT (provider) DO UPDATE SET
         attempted_at = excluded.attempted_at, succeeded_at = excluded.succeeded_at, failures = 0, last_error = NULL,
         retry_at = NULL, loaded_from = LEAST(rate_sources.loaded_from, excluded.loaded_from),
         full_pass_at = coalesce(excluded.full_pass_at, rate_sources.full_pass_at)`,
      [provider, at, from, whole],
    );
  }

  /**
   * A stretch of the full pass down to `reached` is done; null: the pass is. It says nothing about new figures, so it
   * is no success in the sense of {@link succeeded}.
   */
  async passedAgain(provider: string, at: Date, reached: IsoDate | null): Promise<void> {
    await this.record(
      `UPDATE rate_sources SET
         full_pass_tried_at = $2, full_pass_reached = $3, full_pass_at = CASE WHEN $3::date IS NULL THEN $2 ELSE full_pass_at END
       WHERE provider = $1`,
      [provider, at, reached],
    );
  }

  /** `error` is shown to operators: our own words, no foreign text. */
  async failed(provider: string, at: Date, { error, retryAt, fullPass }: Failure): Promise<void> {
    await this.record(
      `INSERT INTO rate_sources (provider, attempted_at, failures, last_error, retry_at) VALUES ($1, $2, 1, $3, $4)
       ON CONFLICT (provider) DO UPDATE SET
         attempted_at = excluded.attempted_at, failures = rate_sources.failures + 1, last_error = excluded.last_error,
         retry_at = excluded.retry_at,
         full_pass_tried_at = CASE WHEN $5 THEN excluded.attempted_at ELSE rate_sources.full_pass_tried_at END`,
      [provider, at, error, retryAt, fullPass],
    );
  }

  /** Since when a provider reaches back to a day stays noted beside how it stands now. */
  private async record(sql: string, values: readonly unknown[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      const rows: SourceStanding[] = await tx.query(
        `WITH standing AS (
           ${sql} RETURNING provider, failures, loaded_from, attempted_at
         ), reached AS (
           INSERT INTO rate_loads (provider, loaded_from, loaded_at)
           SELECT provider, loaded_from, attempted_at FROM standing WHERE loaded_from IS NOT NULL ON CONFLICT DO NOTHING
         )
         SELECT provider, failures, loaded_from AS "loadedFrom" FROM standing`,
        [...values],
      );
      for (const standing of rows) await PgEvents.publish(tx, RATE_SOURCE_CHANGED, standing);
    });
  }
}
