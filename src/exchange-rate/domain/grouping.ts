import { addDays, dayOfWeek, type IsoDate } from '../../platform/time/iso-date.js';
import type { Point } from './series.js';

/** How a history may be thinned out. */
export const GROUPS = ['day', 'week', 'month'] as const;

export type Group = (typeof GROUPS)[number];

/**
 * The last observation of each group that has one, in the order of the points, which must ascend: of each day, each ISO
 * week (Monday to Sunday, over the turn of a year too) or each calendar month. Takes one point after the other, so
 * nothing is held but the last one. A group that has just begun is represented by what there is of it.
 */
export function* lastOfEach(points: Iterable<Point>, group: Group): Generator<Point, void> {
  const endOf = GROUP_ENDS[group];
  let last: Point | undefined;
  let end = '';
  for (const point of points) {
    if (point.date > end) {
      if (last !== undefined) yield last;
      end = endOf(point.date);
    }
    last = point;
  }
  if (last !== undefined) yield last;
}

/** No day after it, as text, belongs to the group of that day. */
const GROUP_ENDS: Readonly<Record<Group, (date: IsoDate) => string>> = {
  day: (date) => date,
  week: (date) => addDays(date, 7 - dayOfWeek(date)),
  month: (date) => `${date.slice(0, 7)}-31`,
};
