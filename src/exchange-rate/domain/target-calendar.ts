import { addDays, instantAt, isoDate, isoDateOf, isWeekend, type IsoDate } from '../../platform/time/iso-date.js';

// The days on which the ECB publishes reference rates are TARGET's operating days. Sources: ECB press releases of
// 3 September 1998 and 31 March 1999 (closing days of 1999), 15 July 1999 (of 2000) and 14 December 2000 (long-term
// calendar from 2002 on); those of 2001 are read off the ECB's file, which agrees with the others on every day.

const FRANKFURT = 'Europe/Berlin';

/** Reference rates appear from about 16:00 Frankfurt time on, and are there by 17:00. */
const PUBLISHED_FROM = '16:00';
const PUBLISHED_BY = '17:00';

/** In 1999, TARGET's first year, it closed on New Year's Day and Christmas Day alone. */
const SIX_HOLIDAYS_SINCE = 2000;
const FIXED_HOLIDAYS_OF_1999 = ['01-01', '12-25'];
const FIXED_HOLIDAYS = ['01-01', '05-01', '12-25', '12-26'];
/** Closed once each: for the change of the millennium and for the change to euro notes and coins. */
const CLOSED_ONCE: readonly string[] = ['1999-12-31', '2001-12-31'];

export function isTargetDay(date: IsoDate): boolean {
  return !isWeekend(date) && !isTargetHoliday(date);
}

export function newestTargetDayAtOrBefore(date: IsoDate): IsoDate {
  let day = date;
  while (!isTargetDay(day)) day = addDays(day, -1);
  return day;
}

/** The day of the newest reference rates that must have been published by now. */
export function expectedNewest(now: Date): IsoDate {
  const today = isoDateOf(now, FRANKFURT);
  const published = now >= instantAt(today, PUBLISHED_BY, FRANKFURT);
  return newestTargetDayAtOrBefore(published ? today : addDays(today, -1));
}

/** When the next reference rates may appear: the first 16:00 Frankfurt time of a TARGET day that is still to come. */
export function nextPublication(now: Date): Date {
  const today = isoDateOf(now, FRANKFURT);
  const begun = now >= instantAt(today, PUBLISHED_FROM, FRANKFURT);
  return publicationAfter(begun ? today : addDays(today, -1));
}

/** When the rates of this day appear, by the publisher's timetable. */
export function publishedAt(date: IsoDate): Date {
  return instantAt(date, PUBLISHED_FROM, FRANKFURT);
}

/** When the successor of this day's rates may appear. In the past where it is overdue. */
export function publicationAfter(date: IsoDate): Date {
  let day = addDays(date, 1);
  while (!isTargetDay(day)) day = addDays(day, 1);
  return instantAt(day, PUBLISHED_FROM, FRANKFURT);
}

function isTargetHoliday(date: IsoDate): boolean {
  const year = Number(date.slice(0, 4));
  const monthAndDay = date.slice(5);
  if (CLOSED_ONCE.includes(date)) return true;
  if (year < SIX_HOLIDAYS_SINCE) return FIXED_HOLIDAYS_OF_1999.includes(monthAndDay);
  if (FIXED_HOLIDAYS.includes(monthAndDay)) return true;
  const easter = easterSunday(year);
  return date === addDays(easter, -2) || date === addDays(easter, 1);
}

/** Easter Sunday of the Gregorian calendar, by the method of Meeus, Jones and Butcher. */
function easterSunday(year: number): IsoDate {
  const lunarYear = year % 19;
  const century = Math.floor(year / 100);
  const ofCentury = year % 100;
  const moonCorrection = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * lunarYear + century - Math.floor(century / 4) - moonCorrection + 15) % 30;
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7;
  const lateMoon = Math.floor((lunarYear + 11 * epact + 22 * toSunday) / 451);
  const dayOfYear = epact + toSunday - 7 * lateMoon + 114;
  const month = String(Math.floor(dayOfYear / 31)).padStart(2, '0');
  const day = String((dayOfYear % 31) + 1).padStart(2, '0');
  return isoDate(`${String(year).padStart(4, '0')}-${month}-${day}`);
}
