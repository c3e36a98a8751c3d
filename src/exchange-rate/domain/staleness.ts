import { addDays, isoDateOf, isWeekend, type IsoDate } from '../../platform/time/iso-date.js';
import { expectedNewest, newestTargetDayAtOrBefore } from './target-calendar.js';

/**
 * When a newer observation must exist. `target`: the ECB's figures, by its calendar. `blend`: many central banks at
 * once, which have no calendar in common. `never`: imports and samples, which nobody promised to continue.
 */
export type PublicationKind = 'target' | 'blend' | 'never';

export interface Freshness {
  readonly kind: PublicationKind;
  /** Date of the newest observation at or before `asOf`. */
  readonly newest: IsoDate;
  /** The day that the answer is for. */
  readonly asOf: IsoDate;
  readonly now: Date;
}

/** Whole weekdays without an observation after which a blend counts as silent. */
const BLEND_SILENCE = 4;

/** True once a newer observation for that day must exist and is not there. */
export function isStale({ kind, newest, asOf, now }: Freshness): boolean {
  switch (kind) {
    case 'target':
      return newest < earlier(expectedNewest(now), newestTargetDayAtOrBefore(asOf));
    case 'blend':
      return silentWeekdays(newest, earlier(asOf, addDays(isoDateOf(now), -1))) >= BLEND_SILENCE;
    case 'never':
      return false;
  }
}

/** Weekdays after `newest` up to and including `until`, counted no further than matters. */
function silentWeekdays(newest: IsoDate, until: IsoDate): number {
  let weekdays = 0;
  for (let day = addDays(newest, 1); day <= until && weekdays < BLEND_SILENCE; day = addDays(day, 1)) {
    if (!isWeekend(day)) weekdays += 1;
  }
  return weekdays;
}

function earlier(a: IsoDate, b: IsoDate): IsoDate {
  return a < b ? a : b;
}
