import { Injectable } from '@nestjs/common';
import { type CurrencyCode, currencyCode } from '../../libs/money/currency.js';
import { Clock } from '../platform/time/clock.js';
import { Pair, type PairKey, pairKey } from './domain/pair.js';
import { type Point, Series } from './domain/series.js';
import { SAMPLE_LEVELS } from './providers/sample-levels.js';
import { SampleProvider } from './providers/sample.provider.js';
import type { BookedPair } from './rate-book.js';

const USD = currencyCode('USD');

/** Made-up rates, made anew at each request and stored nowhere: neither in the database nor in the book. */
@Injectable()
export class SampleRates {
  readonly available: ReadonlySet<PairKey> = new Set(SAMPLE_LEVELS.map(({ quote }) => pairKey(USD, quote)));

  constructor(
    private readonly provider: SampleProvider,
    private readonly clock: Clock,
  ) {}

  async pair(base: CurrencyCode, quote: CurrencyCode): Promise<BookedPair | undefined> {
    const quotes = [base, quote].filter((code) => code !== USD);
    const points = new Map<PairKey, Point[]>();
    const { earliest } = this.provider.facts;
    for await (const row of this.provider.observations({ from: earliest, to: this.clock.today(), quotes })) {
      const key = pairKey(row.base, row.quote);
      const rows = points.get(key) ?? [];
      rows.push(row);
      points.set(key, rows);
    }
    const series = new Map([...points].map(([key, rows]) => [key, new Series(rows)]));
    const pair = Pair.of(base, quote, new Set(series.keys()), series);
    return pair === undefined ? undefined : { pair, legs: [...series.keys()], fetchedAt: () => null };
  }
}
