import { Temporal } from 'temporal-polyfill';

/**
 * A calendar day as `YYYY-MM-DD`. Text, not `Date`: a day has no hour and no zone, and ISO dates of four-digit years
 * sort and compare as text.
 */
export type IsoDate = string & { readonly __isoDate: unique symbol };

const DAY_MS = 86_400_000;
const SHAPE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** The day, or undefined where the text is no real `YYYY-MM-DD` (2026-02-30 is not). */
export function parseIsoDate(text: string): IsoDate | undefined {
  if (!SHAPE.test(text)) return undefined;
  const day = Number(text.slice(8));
  return day <= daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7))) ? (text as IsoDate) : undefined;
}

/** As {@link parseIsoDate}, for text that our own code or schema vouches for. Throws RangeError otherwise. */
export function isoDate(text: string): IsoDate {
  const date = parseIsoDate(text);
  if (date === undefined) throw new RangeError(`not a date: ${text}`);
  return date;
}

/** The day of an instant, in UTC unless another IANA zone is named. Throws RangeError outside of the years 0 to 9999. */
export function isoDateOf(instant: Date, zone = 'UTC'): IsoDate {
  if (zone === 'UTC') return isoDate(instant.toISOString().replace(/T.*/, ''));
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone);
  return isoDate(zoned.toPlainDate().toString());
}

/**
 * The instant of a wall-clock time (`HH:MM`) on a day in an IANA zone, daylight saving time included. A time that the
 * clocks skip counts from before the change, one that they repeat is the first of the two.
 */
export function instantAt(date: IsoDate, time: string, zone: string): Date {
  const wallClock = Temporal.PlainDateTime.from(`${date}T${time}`);
  return new Date(wallClock.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds);
}

/**
 * N calendar months later (earlier when negative), the day clamped to the month's last: 31 March − 1 month = 28 February.
 * Throws RangeError outside of the years 0 to 9999.
 */
export function addMonths(date: IsoDate, months: number): IsoDate {
  return isoDate(Temporal.PlainDate.from(date).add({ months }, { overflow: 'constrain' }).toString());
}

/** Throws RangeError outside of the years 0 to 9999. */
export function addDays(date: IsoDate, days: number): IsoDate {
  return isoDateOf(new Date((epochDay(date) + days) * DAY_MS));
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return epochDay(to) - epochDay(from);
}

/** 1 (Monday) to 7 (Sunday), as ISO 8601 counts. */
export function dayOfWeek(date: IsoDate): number {
  // 1970-01-01 was a Thursday (4).
  return ((((epochDay(date) + 3) % 7) + 7) % 7) + 1;
}

export function isWeekend(date: IsoDate): boolean {
  return dayOfWeek(date) >= 6;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function epochDay(date: IsoDate): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}
