import { addDays, type IsoDate } from '../../platform/time/iso-date.js';
import { isTargetDay } from './target-calendar.js';

/** Days without rates, first and last included; only publication days count, what lies between them does not. */
export interface Gap {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

export interface Gaps {
  /** Publication days in all gaps, those beyond the list too. */
  readonly days: number;
  /** Newest first. */
  readonly ranges: readonly Gap[];
}

const MOST_RANGES = 50;

/** The days from `from` to `to` on which there must have been rates and that are not `present`. */
export function gapsBetween(from: IsoDate, to: IsoDate, present: ReadonlySet<string>): Gaps {
  const ranges: { from: IsoDate; to: IsoDate }[] = [];
  let days = 0;
  let open: { from: IsoDate; to: IsoDate } | undefined;
  for (let day = to; day >= from; day = addDays(day, -1)) {
    if (!isTargetDay(day)) continue;
    if (present.has(day)) {
      open = undefined;
      continue;
    }
    days += 1;
    if (open !== undefined) open.from = day;
    else ranges.push((open = { from: day, to: day }));
  }
  return { days, ranges: ranges.slice(0, MOST_RANGES) };
}
