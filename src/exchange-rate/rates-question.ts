import { currencyCode } from '../../libs/money/currency.js';
import { isoDate, type IsoDate } from '../platform/time/iso-date.js';
import type { Point } from './domain/series.js';
import { isStale } from './domain/staleness.js';
import { requireKnownCurrency } from './known-currencies.js';
import type { PairRequest, SelectedPair } from './rate-desk.js';
import type { RatesOrigin } from './rates-answer.js';

const USD = currencyCode('USD');

/** What a caller asks of a pair, as text from a path and query that are well-formed. */
export interface RatesQuestion {
  readonly quote: string;
  readonly base?: string | undefined;
  readonly asOf?: string | undefined;
}

/** Throws what the caller is told where a currency is none. */
export function pairRequest({ quote, base, asOf }: RatesQuestion, today: IsoDate): PairRequest {
  return {
    quote: requireKnownCurrency(quote, 'quote'),
    base: base === undefined ? USD : requireKnownCurrency(base, 'base'),
    asOf: asOf === undefined ? today : isoDate(asOf),
  };
}

/** Where an answer is from whose newest observation is this one. */
export function originOf(
  { provider, publication }: SelectedPair,
  { asOf }: PairRequest,
  newest: Point,
  now: Date,
): RatesOrigin {
  return { provider, date: newest.date, stale: isStale({ kind: publication, newest: newest.date, asOf, now }) };
}
