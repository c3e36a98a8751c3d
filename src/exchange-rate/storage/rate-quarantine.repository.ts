import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Observation } from '../domain/observation.js';
import { type PairKey, pairKey } from '../domain/pair.js';
import type { Suspect, SuspicionReason } from '../domain/plausibility.js';

export interface Quarantined extends Observation {
  readonly reason: SuspicionReason;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  readonly times: number;
}

/** Of one answer the newest so many are kept; a broken file has no need to be kept whole. */
const MOST_PER_ANSWER = 200;
const MOST_PER_PROVIDER = 1_000;
const KEPT_DAYS = 90;
const LONGEST_RATE = 64;

/** Figures that are not believed, for operators to see and for later answers to settle. */
@Injectable()
export class RateQuarantineRepository {
  constructor(private readonly database: DataSource) {}

  /** Adds these, or counts that they were seen again; forgets what was not seen for long, and what is too much. */
  async record(provider: string, suspects: readonly Suspect[], at: Date): Promise<void> {
    if (suspects.length === 0) return;
    const newest = distinct(suspects)
      .sort((a, b) => (a.observation.date < b.observation.date ? 1 : -1))
      .slice(0, MOST_PER_ANSWER);
    await this.database.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO rate_quarantine AS q (provider, base, quote, date, rate, reason, first_seen, last_seen, times)
         SELECT $1, base, quote, date, rate, reason, $7, $7, 1
           FROM unnest($2::text[], $3::text[], $4::date[], $5::text[], $6::text[]) AS row (base, quote, date, rate, reason)
         ON CONFLICT (provider, base, quote, date, rate) DO UPDATE
            SET reason = excluded.reason, last_seen = excluded.last_seen, times = q.times + 1`,
        [
          provider,
          newest.map(({ observation }) => observation.base),
          newest.map(({ observation }) => observation.quote),
          newest.map(({ observation }) => observation.date),
          newest.map(({ observation }) => observation.rate.slice(0, LONGEST_RATE)),
          newest.map(({ reason }) => reason),
          at,
        ],
      );
      await tx.query(
        `DELETE FROM rate_quarantine
          WHERE provider = $1 AND (last_seen < $2::timestamptz - make_interval(days => $3)
             OR (base, quote, date, rate) IN (
                  SELECT base, quote, date, rate FROM rate_quarantine WHERE provider = $1
                   ORDER BY last_seen DESC, date DESC, base, quote, rate OFFSET $4))`,
        [provider, at, KEPT_DAYS, MOST_PER_PROVIDER],
      );
    });
  }

  /** Takes out every figure of these days: each of them now has one that is believed. */
  async release(provider: string, settled: readonly Observation[]): Promise<void> {
    await this.database.query(
      `DELETE FROM rate_quarantine q USING unnest($2::text[], $3::text[], $4::date[]) AS row (base, quote, date)
        WHERE q.provider = $1 AND q.base = row.base AND q.quote = row.quote AND q.date = row.date`,
      [provider, settled.map(({ base }) => base), settled.map(({ quote }) => quote), settled.map(({ date }) => date)],
    );
  }

  /** Everything of a provider, the newest days first; bounded by what is kept. */
  of(provider: string): Promise<Quarantined[]> {
    return this.database.query(
      `SELECT base, quote, date, rate, reason, first_seen AS "firstSeen", last_seen AS "lastSeen", times
         FROM rate_quarantine WHERE provider = $1 ORDER BY date DESC, last_seen DESC, base, quote, rate`,
      [provider],
    );
  }
}

function distinct(suspects: readonly Suspect[]): Suspect[] {
  const byFigure = new Map<`${PairKey}/${string}/${string}`, Suspect>();
  for (const suspect of suspects) {
    const { base, quote, date, rate } = suspect.observation;
    byFigure.set(`${pairKey(base, quote)}/${date}/${rate.slice(0, LONGEST_RATE)}`, suspect);
  }
  return [...byFigure.values()];
}
