/** The four ranges of the chart, shortest first, as the API names them. */
export const RANGES = ['3m', '6m', '1y', '2y'] as const;

export type Range = (typeof RANGES)[number];

export const DEFAULT_RANGE: Range = '1y';

/** One observation: a plain date (`YYYY-MM-DD`) and units of the quote currency for one of the base. */
export interface Point {
  date: string;
  rate: number;
}

export interface RangeSummary {
  /** How many observations there are. */
  count: number;
  first: Point;
  last: Point;
  low: Point;
  high: Point;
  /** Arithmetic mean of the rates as served. */
  average: number;
  /** last − first, in units of the quote currency. */
  change: number;
  changePercent: number;
}

/** The range that a URL asks for, in any case; the default for anything unknown. */
export function parseRange(value: string | null): Range {
  const wanted = value?.toLowerCase();
  return RANGES.find((range) => range === wanted) ?? DEFAULT_RANGE;
}

/** Figures of ascending points, for display; null where there is none. The earliest date wins a tie. */
export function summarize(points: readonly Point[]): RangeSummary | null {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return null;
  let low = first;
  let high = first;
  let sum = 0;
  for (const point of points) {
    if (point.rate < low.rate) low = point;
    if (point.rate > high.rate) high = point;
    sum += point.rate;
  }
  const change = last.rate - first.rate;
  return {
    count: points.length,
    first,
    last,
    low,
    high,
    average: sum / points.length,
    change,
    changePercent: (change / first.rate) * 100,
  };
}

/** Decimal places of a number as JSON gives it: 1489.95 has 2, 1e-7 has 7. */
export function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const fraction = mantissa.split('.')[1]?.length ?? 0;
  return Math.max(0, fraction - Number(exponent));
}

/**
 * Decimal places at which all these rates show as served, none rounded: a JSON number drops the zeros
 * at its end, so one rate alone does not tell. At most 15, the precision the API promises.
 */
export function commonDecimals(rates: readonly number[]): number {
  return rates.reduce((most, rate) => Math.max(most, decimalsOf(rate)), 0);
}
