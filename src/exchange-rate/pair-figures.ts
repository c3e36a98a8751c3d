import type { CurrencyCode } from '../../libs/money/currency.js';
import type { Fraction } from '../../libs/money/fraction.js';
import type { IsoDate } from '../platform/time/iso-date.js';
import type { AnswerLife } from './domain/answer-life.js';
import { type RangeKey, rangeStart } from './domain/ranges.js';
import type { Point } from './domain/series.js';
import type { PairRequest, SelectedPair } from './rate-desk.js';
import type { RatesOrigin } from './rates-answer.js';

/** What is known of a pair as of a day: the rates as served, the same before any rounding, and whose they are. */
export class PairFigures {
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
  readonly asOf: IsoDate;
  /** The provider's name for people. */
  readonly title: string;

  constructor(
    request: PairRequest,
    private readonly selected: SelectedPair,
    /** The newest observation at or before the day, at any age. */
    readonly newest: Point,
    readonly origin: RatesOrigin,
    /** Of an answer that is made of nothing else. */
    readonly life: AnswerLife,
  ) {
    this.base = request.base;
    this.quote = request.quote;
    this.asOf = request.asOf;
    this.title = selected.title;
  }

  /** The observations of a range up to the day, ascending; it may be empty. */
  points(range: RangeKey): Point[] {
    return this.selected.pair.series.between(rangeStart(this.asOf, range), this.asOf);
  }

  /** The rate of one of these points before any rounding. Throws RangeError for a day without an observation. */
  exactRate({ date }: Pick<Point, 'date'>): Fraction {
    const rate = this.selected.pair.exactRate(date);
    if (rate === undefined) throw new RangeError(`no rate of ${date}`);
    return rate;
  }
}
