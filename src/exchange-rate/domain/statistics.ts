import { CROSS_RATE_DIGITS, significantDigits } from '../../../libs/money/decimal.js';
import { Fraction } from '../../../libs/money/fraction.js';
import type { Point } from './series.js';

/** What a range of rates did. All figures are decimal text, taken from the rates as served. */
export interface RangeSummary {
  readonly first: Point;
  readonly last: Point;
  /** Lowest and highest rate; of equal ones the earliest. */
  readonly low: Point;
  readonly high: Point;
  /**
   * Arithmetic mean, half-even to 6 significant digits, or to as many as the range's own rates have where that is more:
   * else the mean of rates of seven digits could lie outside of low and high.
   */
  readonly average: string;
  /** Last against first in percent, 4 decimals. Null below 3 points, as the two below. */
  readonly changePercent: string | null;
  /** Annualised volatility in percent, 4 decimals: standard deviation (n−1) of the log returns × √252. */
  readonly volatilityPercent: string | null;
  /** The largest fall from an earlier high, in percent of that high, 4 decimals; 0 where rates only rose. */
  readonly maxDrawdownPercent: string | null;
}

const LEAST_POINTS = 3;
const TRADING_DAYS_A_YEAR = 252;
const PERCENT_DECIMALS = 4;
const ONE = Fraction.of(['1']);
const HUNDRED = Fraction.of(['100']);

/** The summary of ascending points; null where there are none. Below 3 points only the percentages are null. */
export function summarize(points: readonly Point[]): RangeSummary | null {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return null;
  const rates = points.map((point) => Fraction.of([point.rate]));
  const enough = points.length >= LEAST_POINTS;
  return {
    first,
    last,
    low: pick(points, rates, (candidate, best) => candidate.compare(best) < 0) ?? first,
    high: pick(points, rates, (candidate, best) => candidate.compare(best) > 0) ?? first,
    average: average(points, rates),
    changePercent: enough ? changePercent(first, last) : null,
    volatilityPercent: enough ? volatilityPercent(points) : null,
    maxDrawdownPercent: enough ? maxDrawdownPercent(rates) : null,
  };
}

function pick(
  points: readonly Point[],
  rates: readonly Fraction[],
  better: (candidate: Fraction, best: Fraction) => boolean,
): Point | undefined {
  let best = rates[0];
  let picked = points[0];
  rates.forEach((rate, index) => {
    if (best && better(rate, best)) {
      best = rate;
      picked = points[index];
    }
  });
  return picked;
}

function average(points: readonly Point[], rates: readonly Fraction[]): string {
  const sum = rates.reduce((total, rate) => total.plus(rate));
  const digits = points.reduce((most, { rate }) => Math.max(most, significantDigits(rate)), CROSS_RATE_DIGITS);
  return sum.dividedBy(Fraction.of([String(points.length)])).toSignificant(digits);
}

function changePercent(first: Point, last: Point): string {
  return Fraction.of([last.rate], [first.rate]).minus(ONE).times(HUNDRED).toFixed(PERCENT_DECIMALS);
}

function maxDrawdownPercent(rates: readonly Fraction[]): string {
  let peak = rates[0] ?? ONE;
  let lowestShare = ONE;
  for (const rate of rates) {
    if (rate.compare(peak) > 0) peak = rate;
    const share = rate.dividedBy(peak);
    if (share.compare(lowestShare) < 0) lowestShare = share;
  }
  return ONE.minus(lowestShare).times(HUNDRED).toFixed(PERCENT_DECIMALS);
}

/** In doubles: logarithms and roots are irrational anyway, and 15 digits leave 4 decimals untouched. Source: ISDA's realised volatility, with the mean taken off. */
function volatilityPercent(points: readonly Point[]): string {
  const rates = points.map((point) => Number(point.rate));
  const returns = rates.slice(1).map((rate, index) => Math.log(rate / (rates[index] ?? rate)));
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const squares = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (returns.length - 1));
  return (deviation * Math.sqrt(TRADING_DAYS_A_YEAR) * 100).toFixed(PERCENT_DECIMALS);
}
