import { isDecimalText } from '../../../libs/money/decimal.js';
import { addDays, parseIsoDate, type IsoDate } from '../../platform/time/iso-date.js';

/** One day's rate: positive decimal text, units of the quote currency for one of the base. */
export interface Point {
  readonly date: IsoDate;
  readonly rate: string;
}

/** How old an observation may be and still stand for a day that the caller names. */
export const RATE_LIFE_DAYS = 14;

const DATE_LENGTH = 10;

/**
 * The rates of one pair, by ascending date, each date once. Immutable.
 *
 * Hundreds of pairs of 27 years stay in memory, so all dates share one text and all rates another: about 21 bytes a
 * point and three objects a series, where an array of points takes over 100 bytes and an object each.
 */
export class Series implements Iterable<Point> {
  readonly length: number;
  readonly #dates: string;
  readonly #rates: string;
  /** Rate i is the text from #ends[i - 1] (0 for the first) to #ends[i]. */
  readonly #ends: Uint32Array;

  /** Throws RangeError where dates are no dates or not strictly ascending, or a rate is no positive plain decimal. */
  constructor(points: Iterable<Point>) {
    const dates: string[] = [];
    const rates: string[] = [];
    let previous = '';
    for (const { date, rate } of points) {
      if (parseIsoDate(date) === undefined) throw new RangeError(`not a date: ${date}`);
      if (date <= previous) throw new RangeError(`dates must ascend: ${date} after ${previous}`);
      if (!isPositive(rate)) throw new RangeError(`not a rate: ${rate.slice(0, 40)} on ${date}`);
      dates.push((previous = date));
      rates.push(rate);
    }
    this.length = dates.length;
    this.#dates = dates.join('');
    this.#rates = rates.join('');
    this.#ends = new Uint32Array(rates.length);
    rates.reduce((end, rate, index) => (this.#ends[index] = end + rate.length), 0);
  }

  get oldest(): Point | undefined {
    return this.at(0);
  }

  get newest(): Point | undefined {
    return this.at(this.length - 1);
  }

  at(index: number): Point | undefined {
    return index >= 0 && index < this.length ? { date: this.#date(index), rate: this.#rate(index) } : undefined;
  }

  /** The observation of that very day. */
  on(date: IsoDate): Point | undefined {
    const point = this.newestAtOrBefore(date);
    return point?.date === date ? point : undefined;
  }

  newestAtOrBefore(date: IsoDate): Point | undefined {
    return this.at(this.#countUpTo(date) - 1);
  }

  /** The rate that stands on a day which the caller names: the newest at or before it, at most 14 days old. */
  standingOn(date: IsoDate): Point | undefined {
    const point = this.newestAtOrBefore(date);
    return point && point.date >= addDays(date, -RATE_LIFE_DAYS) ? point : undefined;
  }

  /** The points with from <= date <= to, ascending; none where `from` is after `to`. */
  between(from: IsoDate, to: IsoDate): Point[] {
    const end = this.#countUpTo(to);
    const points: Point[] = [];
    for (let index = this.#countBefore(from); index < end; index += 1) {
      points.push({ date: this.#date(index), rate: this.#rate(index) });
    }
    return points;
  }

  /** As {@link between}, one point at a time: for those who take their time with it. */
  *walk(from: IsoDate, to: IsoDate): Generator<Point, void> {
    const end = this.#countUpTo(to);
    for (let index = this.#countBefore(from); index < end; index += 1) {
      yield { date: this.#date(index), rate: this.#rate(index) };
    }
  }

  *[Symbol.iterator](): Iterator<Point> {
    for (let index = 0; index < this.length; index += 1) {
      yield { date: this.#date(index), rate: this.#rate(index) };
    }
  }

  #date(index: number): IsoDate {
    return this.#dates.slice(index * DATE_LENGTH, (index + 1) * DATE_LENGTH) as IsoDate;
  }

  #rate(index: number): string {
    return this.#rates.slice(index === 0 ? 0 : this.#ends[index - 1], this.#ends[index]);
  }

  #countUpTo(date: IsoDate): number {
    return this.#firstIndexWhere((candidate) => candidate > date);
  }

  #countBefore(date: IsoDate): number {
    return this.#firstIndexWhere((candidate) => candidate >= date);
  }

  /** Binary search; the condition must hold from some date on. The length where it never holds. */
  #firstIndexWhere(condition: (date: IsoDate) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (condition(this.#date(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function isPositive(rate: string): boolean {
  return isDecimalText(rate) && !rate.startsWith('-') && /[1-9]/.test(rate);
}
