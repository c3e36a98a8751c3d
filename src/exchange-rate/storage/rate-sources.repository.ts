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
}

/** The health of each provider, for operators and for the decision whether sample rates are due. */
@Injectable()
export class RateSourcesRepository {
  constructor(private readonly database: DataSource) {}

  async all(): Promise<SourceHealth[]> {
    const rows = await this.database.getRepository(RateSourceEntity).find({ order: { provider: 'ASC' } });
    return rows.map((row) => ({ ...row, loadedFrom: row.loadedFrom as IsoDate | null }));
  }

  async of(provider: string): Promise<SourceHealth | undefined> {
    return (await this.all()).find((health) => health.provider === provider);
  }

  /** Everything from `from` on has been fetched. */
  async succeeded(provider: string, at: Date, from: IsoDate): Promise<void> {
    await this.record(
      `INSERT INTO rate_sources (provider, attempted_at, succeeded_at, failures, loaded_from, last_error)
       VALUES ($1, $2, $2, 0, $3, NULL)
       ON CONFLICT (provider) DO UPDATE SET
         attempted_at = excluded.attempted_at, succeeded_at = excluded.succeeded_at, failures = 0, last_error = NULL,
         loaded_from = LEAST(rate_sources.loaded_from, excluded.loaded_from)`,
      [provider, at, from],
    );
  }

  /** `error` is shown to operators: our own words, no foreign text. */
  async failed(provider: string, at: Date, error: string): Promise<void> {
    await this.record(
      `INSERT INTO rate_sources (provider, attempted_at, failures, last_error) VALUES ($1, $2, 1, $3)
       ON CONFLICT (provider) DO UPDATE SET
         attempted_at = excluded.attempted_at, failures = rate_sources.failures + 1, last_error = excluded.last_error`,
      [provider, at, error],
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
