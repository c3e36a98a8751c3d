import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CurrencyCode } from '../../../libs/money/currency.js';
import type { IsoDate } from '../../platform/time/iso-date.js';
import { type PairKey, pairKey } from '../domain/pair.js';
import { LoadedSeries } from './rates.repository.js';

/** What was stored at an instant: each figure counts from its `fetched_at` on and no longer from its `superseded_at` on. */
@Injectable()
export class PastRatesRepository {
  constructor(private readonly database: DataSource) {}

  /** Per provider, from which day on everything had been fetched by then. */
  async loadedFrom(at: Date): Promise<ReadonlyMap<string, IsoDate>> {
    const rows: { provider: string; loadedFrom: IsoDate }[] = await this.database.query(
      `SELECT provider, min(loaded_from) AS "loadedFrom" FROM rate_loads WHERE loaded_at <= $1 GROUP BY provider`,
      [at],
    );
    return new Map(rows.map((row) => [row.provider, row.loadedFrom]));
  }

  /**
   * The series that the provider had by then, each with its last change up to then. A correction adds a figure whenever
   * it closes one, so that figures tell every change; read from the index alone.
   */
  async lastChanges(provider: string, at: Date): Promise<ReadonlyMap<PairKey, Date>> {
    const rows: { base: CurrencyCode; quote: CurrencyCode; changedAt: Date }[] = await this.database.query(
      `SELECT s.base, s.quote, last.change AS "changedAt"
         FROM rate_series s
        CROSS JOIN LATERAL (SELECT max(fetched_at) AS change FROM rate_observations
                             WHERE series_id = s.id AND fetched_at <= $2) AS last
        WHERE s.provider = $1 AND last.change IS NOT NULL`,
      [provider, at],
    );
    return new Map(rows.map((row) => [pairKey(row.base, row.quote), row.changedAt]));
  }

  /** The figures of these series as they were known then. One query, so that all legs are of one moment. */
  async loadAsKnown(provider: string, keys: readonly PairKey[], at: Date): Promise<Map<PairKey, LoadedSeries>> {
    const rows: { key: PairKey; date: IsoDate; rate: string; fetchedAt: Date }[] = await this.database.query(
      `SELECT s.base || '/' || s.quote AS key, o.date, o.rate, o.fetched_at AS "fetchedAt"
         FROM rate_series s JOIN rate_observations o ON o.series_id = s.id
        WHERE s.provider = $1 AND s.base || '/' || s.quote = ANY ($2)
          AND o.fetched_at <= $3 AND (o.superseded_at IS NULL OR o.superseded_at > $3)
        ORDER BY o.series_id, o.date`,
      [provider, keys, at],
    );
    const loaded = new Map<PairKey, LoadedSeries>();
    for (const key of keys) {
      const ofKey = rows.filter((row) => row.key === key);
      if (ofKey.length > 0) loaded.set(key, new LoadedSeries(ofKey));
    }
    return loaded;
  }
}
