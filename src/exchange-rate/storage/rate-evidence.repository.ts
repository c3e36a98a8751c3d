import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CurrencyCode } from '../../../libs/money/currency.js';
import type { IsoDate } from '../../platform/time/iso-date.js';
import { type PairKey, pairKey } from '../domain/pair.js';
import type { Figure, SecondOpinion } from '../domain/plausibility.js';

interface Days {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

interface FigureRow extends Figure {
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
}

/** What is stored, as evidence for or against what is published, and for the report on the sources. */
@Injectable()
export class RateEvidenceRepository {
  constructor(private readonly database: DataSource) {}

  /** By series, ascending: the figures in force of these days, and the newest before them. */
  async figures(provider: string, { from, to }: Days): Promise<Map<PairKey, Figure[]>> {
    const rows: FigureRow[] = await this.database.query(
      `SELECT s.base, s.quote, o.date, o.rate
         FROM rate_series s
        CROSS JOIN LATERAL (
          (SELECT date, rate FROM rate_observations
            WHERE series_id = s.id AND superseded_at IS NULL AND date < $2 ORDER BY date DESC LIMIT 1)
          UNION ALL
          (SELECT date, rate FROM rate_observations
            WHERE series_id = s.id AND superseded_at IS NULL AND date BETWEEN $2 AND $3)
        ) o
        WHERE s.provider = $1
        ORDER BY s.id, o.date`,
      [provider, from, to],
    );
    return bySeries(rows, ({ date, rate }) => ({ date, rate }));
  }

  /** What other sources have of these pairs in these days, stored or in doubt. */
  async secondOpinions(
    others: readonly string[],
    pairs: readonly PairKey[],
    { from, to }: Days,
  ): Promise<Map<PairKey, SecondOpinion[]>> {
    const rows: (FigureRow & { inDoubt: boolean })[] = await this.database.query(
      `SELECT s.base, s.quote, o.date, o.rate::text AS rate, false AS "inDoubt"
         FROM rate_series s JOIN rate_observations o ON o.series_id = s.id AND o.superseded_at IS NULL
        WHERE s.provider = ANY ($1) AND s.base || '/' || s.quote = ANY ($2) AND o.date BETWEEN $3 AND $4
        UNION ALL
       SELECT base, quote, date, rate, true
         FROM rate_quarantine
        WHERE provider = ANY ($1) AND base || '/' || quote = ANY ($2) AND date BETWEEN $3 AND $4
          AND reason IN ('jump', 'correction')`,
      [others, pairs, from, to],
    );
    return bySeries(rows, ({ date, rate, inDoubt }) => ({ date, rate, inDoubt }));
  }

  /** The days with figures of these series, and how many of the series have one. */
  async daysOf(provider: string, pairs: readonly PairKey[], { from, to }: Days): Promise<Map<string, number>> {
    const rows: { date: string; series: number }[] = await this.database.query(
      `SELECT o.date, count(*)::int AS series
         FROM rate_series s JOIN rate_observations o ON o.series_id = s.id AND o.superseded_at IS NULL
        WHERE s.provider = $1 AND s.base || '/' || s.quote = ANY ($2) AND o.date BETWEEN $3 AND $4
        GROUP BY o.date`,
      [provider, pairs, from, to],
    );
    return new Map(rows.map(({ date, series }) => [date, series]));
  }

  /** How many series and figures in force a provider has. */
  async counts(provider: string): Promise<{ series: number; observations: number }> {
    const rows: { series: number; observations: number }[] = await this.database.query(
      `SELECT count(*)::int AS series, coalesce(sum(figures), 0)::int AS observations
         FROM rate_series s
        CROSS JOIN LATERAL (
          SELECT count(*) AS figures FROM rate_observations WHERE series_id = s.id AND superseded_at IS NULL
        ) o
        WHERE s.provider = $1`,
      [provider],
    );
    return rows[0] ?? { series: 0, observations: 0 };
  }
}

function bySeries<Row extends { base: CurrencyCode; quote: CurrencyCode }, T>(
  rows: readonly Row[],
  pick: (row: Row) => T,
): Map<PairKey, T[]> {
  const series = new Map<PairKey, T[]>();
  for (const row of rows) {
    const key = pairKey(row.base, row.quote);
    const known = series.get(key);
    if (known === undefined) series.set(key, [pick(row)]);
    else known.push(pick(row));
  }
  return series;
}
