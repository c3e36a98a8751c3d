import { addMonths, daysBetween, type IsoDate, isoDate } from '../../platform/time/iso-date.js';

/** Steps that keep to the quarters and halves of a year. */
const STEPS = [1, 2, 3, 6, 12] as const;
const MOST_TICKS = 9;

/** Firsts of months strictly between two days, ascending: every one, or every second, third, sixth, or each January. */
export function monthTicks(first: IsoDate, last: IsoDate): IsoDate[] {
  const months: IsoDate[] = [];
  for (let month = addMonths(firstOfMonth(first), 1); month < last; month = addMonths(month, 1)) months.push(month);
  const every = (step: number) => months.filter((month) => (Number(month.slice(5, 7)) - 1) % step === 0);
  return STEPS.map(every).find((ticks) => ticks.length <= MOST_TICKS) ?? every(12);
}

/** Tells where a day lies between two others, from 0 to 1; in the middle where both are the same. */
export function timeScale(first: IsoDate, last: IsoDate): (day: IsoDate) => number {
  const whole = daysBetween(first, last);
  return (day) => (whole === 0 ? 0.5 : daysBetween(first, day) / whole);
}

function firstOfMonth(date: IsoDate): IsoDate {
  return isoDate(`${date.slice(0, 7)}-01`);
}
