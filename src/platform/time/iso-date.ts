import { Temporal } from 'temporal-polyfill';

/**
 * A calendar day as `YYYY-MM-DD`. Text, not `Date`: a day has no hour and no zone, and ISO dates of four-digit years
 * sort and compare as text.
 */
export type IsoDate = string & { readonly __isoDate: unique symbol };

const SHAPE = /^\d{4}-\d{2}-\d{2}$/;

/** The day, or undefined where the text is no real `YYYY-MM-DD` (2026-02-30 is not). */
export function parseIsoDate(text: string): IsoDate | undefined {
  if (!SHAPE.test(text)) return undefined;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return text as IsoDate;
  } catch {
    return undefined;
  }
}

/** As {@link parseIsoDate}, for text that our own code or schema vouches for. Throws RangeError otherwise. */
export function isoDate(text: string): IsoDate {
  const date = parseIsoDate(text);
  if (date === undefined) throw new RangeError(`not a date: ${text}`);
  return date;
}

/** The day of an instant, in UTC unless another IANA zone is named. */
export function isoDateOf(instant: Date, zone = 'UTC'): IsoDate {
  if (zone === 'UTC') return instant.toISOString().slice(0, 10) as IsoDate;
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString() as IsoDate;
}

/** N calendar months later (earlier when negative), the day clamped to the month's last: 31 March − 1 month = 28 February. */
export function addMonths(date: IsoDate, months: number): IsoDate {
  return Temporal.PlainDate.from(date).add({ months }, { overflow: 'constrain' }).toString() as IsoDate;
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return new Date(epochDay(date) * DAY_MS + days * DAY_MS).toISOString().slice(0, 10) as IsoDate;
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

const DAY_MS = 86_400_000;

function epochDay(date: IsoDate): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}
