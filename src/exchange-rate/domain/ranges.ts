import { addMonths, type IsoDate } from '../../platform/time/iso-date.js';
import type { Point, Series } from './series.js';

/** The four ranges of every chart, shortest first. */
export const RANGE_KEYS = ['3m', '6m', '1y', '2y'] as const;

export type RangeKey = (typeof RANGE_KEYS)[number];

const MONTHS: Readonly<Record<RangeKey, number>> = { '3m': 3, '6m': 6, '1y': 12, '2y': 24 };

/** The first day of a range: so many calendar months before, the day clamped to the month's last. */
export function rangeStart(asOf: IsoDate, key: RangeKey): IsoDate {
  return addMonths(asOf, -MONTHS[key]);
}

/** The observations of each range, both ends included, ascending; nothing later than `asOf`. A range may be empty. */
export function chartRanges(series: Series, asOf: IsoDate): Record<RangeKey, Point[]> {
  const range = (key: RangeKey) => series.between(rangeStart(asOf, key), asOf);
  return { '3m': range('3m'), '6m': range('6m'), '1y': range('1y'), '2y': range('2y') };
}
