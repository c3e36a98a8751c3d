import { currencyCode } from '../../libs/money/currency.js';
import { Invalid } from '../platform/errors/errors.js';
import { isoDate, isoDateOf } from '../platform/time/iso-date.js';
import { type AnswerLife, answerLife, SETTLED_LIFE, UNSETTLED_LIFE } from './domain/answer-life.js';
import type { Point } from './domain/series.js';
import { isStale } from './domain/staleness.js';
import { isSettled, parseKnownAt } from './known-at.js';
import { requireKnownCurrency } from './known-currencies.js';
import type { PairRequest, SelectedPair } from './rate-desk.js';
import type { RatesOrigin } from './rates-answer.js';

const USD = currencyCode('USD');
/** A caller's clock may be so far ahead of ours; what lies further ahead nobody can know. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What a caller asks of a pair, as text from a path and query that are well-formed. */
export interface RatesQuestion {
  readonly quote: string;
  readonly base?: string | undefined;
  readonly asOf?: string | undefined;
  /** With the values as they were stored then. */
  readonly knownAt?: string | undefined;
}

/** Throws what the caller is told where a currency is none, or a time is still to come. */
export function pairRequest({ quote, base, asOf, knownAt }: RatesQuestion, now: Date): PairRequest {
  const known = knownAt === undefined ? undefined : pastInstant(knownAt, now);
  return {
    quote: requireKnownCurrency(quote, 'quote'),
    base: base === undefined ? USD : requireKnownCurrency(base, 'base'),
    asOf: asOf === undefined ? isoDateOf(known ?? now) : isoDate(asOf),
    knownAt: known,
  };
}

/** Where an answer is from whose newest observation is this one. */
export function originOf(
  { provider, publication }: SelectedPair,
  { asOf, knownAt }: PairRequest,
  newest: Point,
  now: Date,
): RatesOrigin {
  const stale = isStale({ kind: publication, newest: newest.date, asOf, now: knownAt ?? now });
  return { provider, date: newest.date, stale };
}

/** How long an answer may be kept that does not depend on the caller. */
export function lifeOf(
  { publication: kind }: SelectedPair,
  { asOf, knownAt }: PairRequest,
  { date: newest, stale }: RatesOrigin,
  now: Date,
): AnswerLife {
  if (knownAt !== undefined) return isSettled(knownAt, now) ? SETTLED_LIFE : UNSETTLED_LIFE;
  return answerLife({ kind, newest: isoDate(newest), asOf, stale, now });
}

function pastInstant(text: string, now: Date): Date {
  const instant = parseKnownAt(text);
  if (instant === undefined) throw new RangeError('not an instant, and not refused before');
  if (instant.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
    throw Invalid.field('knownAt', 'must not lie in the future');
  }
  return instant < now ? instant : now;
}
