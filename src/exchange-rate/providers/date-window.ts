import { addDays, isoDate, type IsoDate } from '../../platform/time/iso-date.js';

/** Days from first to last, both included. */
export interface DateWindow {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/**
 * The range cut at the turns of the years, newest first: recent figures arrive soonest, and the addresses of past
 * years are the same every day, which caches on the way like. Nothing when the range is empty.
 */
export function calendarYears({ from, to }: DateWindow): DateWindow[] {
  const windows: DateWindow[] = [];
  for (let end = to; end >= from;) {
    const newYear = isoDate(`${end.slice(0, 4)}-01-01`);
    windows.push({ from: later(newYear, from), to: end });
    end = addDays(newYear, -1);
  }
  return windows;
}

/** The window, its start moved back where it spans fewer days. */
export function spanningAtLeast(days: number, { from, to }: DateWindow): DateWindow {
  return { from: earlier(from, addDays(to, 1 - days)), to };
}

export function earlier(a: IsoDate, b: IsoDate): IsoDate {
  return a < b ? a : b;
}

export function later(a: IsoDate, b: IsoDate): IsoDate {
  return a > b ? a : b;
}
