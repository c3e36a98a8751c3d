/** Calendar days as `YYYY-MM-DD` text. Written apart from `src/` on purpose: a stand-in must not share our mistakes. */

const DAY_MS = 86_400_000;

/** The day as a count of days since 1970-01-01. */
export function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS;
}

export function dayOf(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

export function plusDays(day: string, count: number): string {
  return dayOf(dayNumber(day) + count);
}

/** Whether the text is a day that exists: 2024-02-30 is none. */
export function isRealDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const number = dayNumber(text);
  return !Number.isNaN(number) && dayOf(number) === text;
}

/** 0 (Sunday) to 6 (Saturday). */
export function weekday(day: string): number {
  return new Date(dayNumber(day) * DAY_MS).getUTCDay();
}

/** The Monday of the day's week. */
export function mondayOf(day: string): string {
  return plusDays(day, -((weekday(day) + 6) % 7));
}

/** The day `years` later; 29 February becomes 1 March where there is none. */
export function plusYears(day: string, years: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.toISOString().slice(0, 10);
}

export function todayInUtc(): string {
  return new Date().toISOString().slice(0, 10);
}

/**
 * Whether the ECB fixes rates on that day. Source: the days in its own file, which since 2002 lacks exactly the TARGET
 * holidays; in 1999 it also fixed at Easter, on 1 May and on 26 December, and it was closed on the last day of 1999
 * and of 2001.
 */
export function isTargetDay(day: string): boolean {
  const weekdayOfDay = weekday(day);
  if (weekdayOfDay === 0 || weekdayOfDay === 6) return false;
  const monthAndDay = day.slice(5);
  if (monthAndDay === '01-01' || monthAndDay === '12-25') return false;
  if (day === '1999-12-31' || day === '2001-12-31') return false;
  const year = Number(day.slice(0, 4));
  if (year < 2000) return true;
  if (monthAndDay === '05-01' || monthAndDay === '12-26') return false;
  const easter = easterSunday(year);
  return day !== plusDays(easter, -2) && day !== plusDays(easter, 1);
}

const easterByYear = new Map<number, string>();

/** Gregorian Easter, by the method of Meeus, Jones and Butcher. */
function easterSunday(year: number): string {
  const known = easterByYear.get(year);
  if (known !== undefined) return known;
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const correction = Math.floor((century + 8) / 25);
  const moon = (19 * golden + century - Math.floor(century / 4) - Math.floor((century - correction + 1) / 3) + 15) % 30;
  const week = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - moon - (inCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * moon + 22 * week) / 451);
  const count = moon + week - 7 * late + 114;
  const month = String(Math.floor(count / 31)).padStart(2, '0');
  const easter = `${year}-${month}-${String((count % 31) + 1).padStart(2, '0')}`;
  easterByYear.set(year, easter);
  return easter;
}
