import { daysBetween, isoDate, type IsoDate } from '../../platform/time/iso-date.js';
import type { Point } from './series.js';

/** How a history may be thinned out. */
export const GROUPS = ['day', 'week', 'month'] as const;

export type Group = (typeof GROUPS)[number];

const A_MONDAY = isoDate('1970-01-05');

/**
 * The last observation of each group that has one, in the order of the points, which must ascend: of each day, each ISO
 * week (Monday to Sunday, over the turn of a year too) or each calendar month. Takes one point after the other, so
 * nothing is held but the last one. A group that has just begun is represented by what there is of it.
 */
export function* lastOfEach(points: Iterable<Point>, group: Group): Generator<Point, void> {
  const nameOf = NAMES[group];
  let last: Point | undefined;
  for (const point of points) {
    if (last !== undefined && nameOf(last.date) !== nameOf(point.date)) yield last;
    last = point;
  }
  if (last !== undefined) yield last;
}

const NAMES: Readonly<Record<Group, (date: IsoDate) => string | number>> = {
  day: (date) => date,
  week: (date) => Math.floor(daysBetween(A_MONDAY, date) / 7),
  month: (date) => date.slice(0, 7),
};
