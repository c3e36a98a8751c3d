import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CurrencyCode } from '../../../libs/money/currency.js';
import { PgEvents } from '../../platform/events/pg-events.js';
import type { IsoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import { type PairKey, pairKey } from '../domain/pair.js';
import { Series } from '../domain/series.js';
import { RATES_CHANGED, type RatesChanged } from './rates-changed.js';

/** A published series as it stands: what it is of, and which days it spans. */
export interface StoredSeries {
  readonly provider: string;
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
  readonly firstDate: IsoDate;
  readonly lastDate: IsoDate;
}

/** A series with its figures in force, and when each of them was stored. */
export class LoadedSeries {
  readonly series: Series;
  /** Ascending by date, an entry where the time of storing changes: whole years were stored at once. */
  private readonly stored: { readonly from: IsoDate; readonly at: Date }[] = [];

  /** Rows ascending by date. */
  constructor(rows: readonly { date: IsoDate; rate: string; fetchedAt: Date }[]) {
    this.series = new Series(rows);
    for (const { date, fetchedAt } of rows) {
      if (this.stored.at(-1)?.at.getTime() !== fetchedAt.getTime()) this.stored.push({ from: date, at: fetchedAt });
    }
  }

  /** When the observation of this date, which must be in the series, was stored. */
  fetchedAt(date: IsoDate): Date | undefined {
    return this.stored.findLast(({ from }) => from <= date)?.at;
  }
}

/** Observations as published, with their revisions. Rows stay in here. */
@Injectable()
export class RatesRepository {
  constructor(private readonly database: DataSource) {}

  /** Every series, without its figures. */
  async catalogue(): Promise<StoredSeries[]> {
    return this.database.query(
      `SELECT provider, base, quote, first_date AS "firstDate", last_date AS "lastDate"
         FROM rate_series ORDER BY provider, base, quote`,
    );
  }

  /** Date of the newest observation of the provider's series with one of these bases. */
  async newestDate(provider: string, bases: readonly string[]): Promise<IsoDate | null> {
    const rows: { newest: IsoDate | null }[] = await this.database.query(
      `SELECT max(last_date) AS newest FROM rate_series WHERE provider = $1 AND base = ANY ($2)`,
      [provider, bases],
    );
    return rows[0]?.newest ?? null;
  }

  /** The figures in force of one series; one query. */
  async load(provider: string, key: PairKey): Promise<LoadedSeries | undefined> {
    const [base, quote] = key.split('/');
    const rows: { date: IsoDate; rate: string; fetchedAt: Date }[] = await this.database.query(
      `SELECT o.date, o.rate, o.fetched_at AS "fetchedAt"
         FROM rate_observations o JOIN rate_series s ON s.id = o.series_id
        WHERE s.provider = $1 AND s.base = $2 AND s.quote = $3 AND o.superseded_at IS NULL
        ORDER BY o.date`,
      [provider, base, quote],
    );
    return rows.length === 0 ? undefined : new LoadedSeries(rows);
  }

  /**
   * Stores what is new or corrected of these observations, in one transaction, and announces it on commit. The same
   * rows again change nothing. Of several rows for one day the last counts. Answers how many figures changed.
   * `alongside` is part of the transaction, also where there are no rows.
   */
  async store(
    provider: string,
    observations: readonly Observation[],
    fetchedAt: Date,
    alongside?: (tx: EntityManager) => Promise<void>,
  ): Promise<number> {
    if (observations.length === 0 && alongside === undefined) return 0;
    const rows = distinct(observations);
    const spans = spansOf(rows);
    return this.database.transaction(async (tx) => {
      // Two writers of one provider would both miss the other's row: they take turns.
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`rates:${provider}`]);
      const ids = await this.openSeries(tx, provider, spans);
      const at = await this.notBeforeTheirs(tx, [...ids.values()], fetchedAt);
      const changed: { seriesId: number; count: number }[] = await tx.query(WRITE_OBSERVATIONS, [
        rows.map((row) => ids.get(pairKey(row.base, row.quote))),
        rows.map((row) => row.date),
        rows.map((row) => row.rate),
        at,
      ]);
      await alongside?.(tx);
      if (changed.length === 0) return 0;
      const changedIds = new Set(changed.map((row) => row.seriesId));
      const pairs = [...ids].filter(([, id]) => changedIds.has(id)).map(([key]) => key);
      const news: RatesChanged = { provider, pairs: pairs.length <= MAX_NAMED_PAIRS ? pairs : null };
      await PgEvents.publish(tx, RATES_CHANGED, news);
      return changed.reduce((sum, row) => sum + row.count, 0);
    });
  }

  /**
   * The time, or that of the newest change of these series where it is later: a writer that waited for its turn, or whose
   * clock is behind, would else close a figure before it was stored, and the past would have two figures for one day.
   */
  private async notBeforeTheirs(tx: EntityManager, seriesIds: readonly number[], time: Date): Promise<Date> {
    const rows: { at: Date }[] = await tx.query(
      `SELECT GREATEST($2, max(last.change)) AS at
         FROM unnest($1::int[]) AS series (id)
        CROSS JOIN LATERAL (SELECT max(fetched_at) AS change FROM rate_observations WHERE series_id = series.id) AS last`,
      [seriesIds, time],
    );
    return rows[0]?.at ?? time;
  }

  /** Ids of the series of these spans: created where missing, widened where they reach further. */
  private async openSeries(tx: EntityManager, provider: string, spans: readonly Span[]): Promise<Map<PairKey, number>> {
    const values = [
      provider,
      spans.map((span) => span.base),
      spans.map((span) => span.quote),
      spans.map((span) => span.first),
      spans.map((span) => span.last),
    ];
    await tx.query(WIDEN_SERIES, values);
    const found: { id: number; base: CurrencyCode; quote: CurrencyCode }[] = await tx.query(
      `SELECT s.id, s.base, s.quote
         FROM unnest($2::text[], $3::text[]) AS span (base, quote)
         JOIN rate_series s ON s.provider = $1 AND s.base = span.base AND s.quote = span.quote`,
      values.slice(0, 3),
    );
    return new Map(found.map((row) => [pairKey(row.base, row.quote), row.id]));
  }
}

/** The first and the last day of a series among the rows to be stored. */
interface Span {
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
  first: IsoDate;
  last: IsoDate;
}

/** Of several rows for one day of one pair, the last. */
function distinct(observations: readonly Observation[]): Observation[] {
  return [...new Map(observations.map((row) => [`${row.base}/${row.quote}/${row.date}`, row])).values()];
}

function spansOf(rows: readonly Observation[]): Span[] {
  const spans = new Map<PairKey, Span>();
  for (const { base, quote, date } of rows) {
    const key = pairKey(base, quote);
    const span = spans.get(key) ?? { base, quote, first: date, last: date };
    if (date < span.first) span.first = date;
    if (date > span.last) span.last = date;
    spans.set(key, span);
  }
  return [...spans.values()];
}

/** So that the announcement stays below PostgreSQL's 8000 bytes; above, everything of the provider counts as changed. */
const MAX_NAMED_PAIRS = 600;

/** Rows that are there already and wide enough are not written again. */
const WIDEN_SERIES = `
  INSERT INTO rate_series AS s (provider, base, quote, first_date, last_date)
  SELECT $1, base, quote, first, last
    FROM unnest($2::text[], $3::text[], $4::date[], $5::date[]) AS span (base, quote, first, last)
  ON CONFLICT (provider, base, quote) DO UPDATE
     SET first_date = LEAST(s.first_date, excluded.first_date), last_date = GREATEST(s.last_date, excluded.last_date)
   WHERE s.first_date > excluded.first_date OR s.last_date < excluded.last_date`;

/**
 * Closes the figures that differ, adds the new ones, answers how many per series. The insert takes its revision from
 * the snapshot before the update, and the unique index on figures in force is checked on the rows as they are in the
 * end of each statement's own writes: hence the insert reads from the update's output and runs after it.
 *
 * The known row is looked up laterally and closed by its place (nobody moves it: the provider's writers take turns), so
 * that both are one step by index. Joined freely, the planner reads the whole table for each chunk as long as it has
 * no statistics, which is all through the first load.
 */
const WRITE_OBSERVATIONS = `
  WITH incoming AS (
    SELECT * FROM unnest($1::int[], $2::date[], $3::numeric[]) AS row (series_id, date, rate)
  ), known AS (
    SELECT i.series_id, i.date, i.rate, o.revision, o.rate AS known_rate, o.place
      FROM incoming i
      LEFT JOIN LATERAL (
        SELECT revision, rate, ctid AS place FROM rate_observations
         WHERE series_id = i.series_id AND date = i.date AND superseded_at IS NULL LIMIT 1
      ) o ON true
  ), closed AS (
    UPDATE rate_observations SET superseded_at = $4
     WHERE ctid = ANY (ARRAY (SELECT place FROM known WHERE known_rate <> rate))
    RETURNING series_id, date
  ), added AS (
    INSERT INTO rate_observations (series_id, date, revision, rate, fetched_at)
    SELECT k.series_id, k.date, coalesce(k.revision, 0) + 1, k.rate, $4
      FROM known k
      LEFT JOIN closed c ON c.series_id = k.series_id AND c.date = k.date
     WHERE k.revision IS NULL OR c.series_id IS NOT NULL
    RETURNING series_id
  )
  SELECT series_id AS "seriesId", count(*)::int AS count FROM added GROUP BY series_id`;
