import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  dayOfWeek,
  daysBetween,
  instantAt,
  isoDate,
  isoDateOf,
  isWeekend,
  parseIsoDate,
  type IsoDate,
} from './iso-date.js';

const date = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true })
  .map((instant) => isoDateOf(instant));
const months = fc.integer({ min: -600, max: 600 });
const days = fc.integer({ min: -30_000, max: 30_000 });

describe('parseIsoDate', () => {
  it.each(['2026-04-13', '2024-02-29', '2000-02-29', '1999-12-31', '0000-01-01', '9999-12-31', '0099-03-01'])(
    'takes %s',
    (text) => {
      expect(parseIsoDate(text)).toBe(text);
    },
  );

  it.each([
    '2026-02-29',
    '2026-02-30',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-32',
    '2026-1-1',
    '20260413',
    '2026-04-13T00:00:00Z',
    ' 2026-04-13',
    '2026-04-13\n',
    '+002026-04-13',
    '-000001-01-01',
    '٢٠٢٦-٠٤-١٣',
    '',
  ])('refuses %j', (text) => {
    expect(parseIsoDate(text)).toBeUndefined();
    expect(() => isoDate(text)).toThrow(RangeError);
  });

  it('law: takes what the calendar has, and nothing else of that shape', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (y, m, d) => {
          const text = `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
          const calendar = new Date(0);
          calendar.setUTCFullYear(y, m - 1, d);
          const real =
            calendar.getUTCFullYear() === y && calendar.getUTCMonth() === m - 1 && calendar.getUTCDate() === d;
          expect(parseIsoDate(text)).toBe(real ? text : undefined);
        },
      ),
    );
  });
});

describe('isoDateOf', () => {
  it('is the day in UTC, or in the zone that is named', () => {
    const lateEvening = new Date('2026-04-13T22:30:00Z');
    expect(isoDateOf(lateEvening)).toBe('2026-04-13');
    expect(isoDateOf(lateEvening, 'Europe/Berlin')).toBe('2026-04-14');
    expect(isoDateOf(lateEvening, 'America/New_York')).toBe('2026-04-13');
  });

  it('refuses an instant that is none, and years that are not of four digits', () => {
    expect(() => isoDateOf(new Date(NaN))).toThrow(RangeError);
    expect(() => isoDateOf(new Date(8.64e15))).toThrow(RangeError);
    expect(() => isoDateOf(new Date(-8.64e15))).toThrow(RangeError);
    expect(() => isoDateOf(new Date(8.64e15), 'Europe/Berlin')).toThrow(RangeError);
  });
});

describe('instantAt', () => {
  it.each([
    ['2026-01-15', '16:00', '2026-01-15T15:00:00.000Z'],
    ['2026-07-15', '16:00', '2026-07-15T14:00:00.000Z'],
    // The days on which the clocks change.
    ['2026-03-29', '16:00', '2026-03-29T14:00:00.000Z'],
    ['2026-10-25', '16:00', '2026-10-25T15:00:00.000Z'],
    // Skipped, and repeated.
    ['2026-03-29', '02:30', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
  ])('%s %s in Frankfurt is %s', (day, time, instant) => {
    expect(instantAt(isoDate(day), time, 'Europe/Berlin').toISOString()).toBe(instant);
  });
});

describe('addMonths', () => {
  it.each([
    ['2026-03-31', -1, '2026-02-28'],
    ['2024-03-31', -1, '2024-02-29'],
    ['2024-02-29', -12, '2023-02-28'],
    ['2024-02-29', 48, '2028-02-29'],
    ['2026-05-31', -3, '2026-02-28'],
    ['2026-01-31', 1, '2026-02-28'],
    ['2026-01-15', -1, '2025-12-15'],
    ['2026-04-13', 0, '2026-04-13'],
  ])('%s and %i months is %s', (from, count, to) => {
    expect(addMonths(isoDate(from), count)).toBe(to);
  });

  it('refuses to leave the years of four digits', () => {
    expect(() => addMonths(isoDate('0000-01-31'), -1)).toThrow(RangeError);
    expect(() => addMonths(isoDate('9999-12-31'), 1)).toThrow(RangeError);
  });

  it('law: keeps the day of the month, or takes the last one where that month is shorter', () => {
    fc.assert(
      fc.property(date, months, (from, count) => {
        const to = addMonths(from, count);
        const monthsApart = monthNumber(to) - monthNumber(from);
        expect(monthsApart).toBe(count);
        if (to.slice(8) !== from.slice(8)) {
          expect(to.slice(8) < from.slice(8)).toBe(true);
          expect(addDays(to, 1).slice(8)).toBe('01');
        }
      }),
    );
  });

  it('law: a later day never lands on an earlier one', () => {
    fc.assert(
      fc.property(date, days, months, (from, count, shift) => {
        const to = addDays(from, Math.abs(count));
        expect(addMonths(from, shift) <= addMonths(to, shift)).toBe(true);
      }),
    );
  });
});

describe('addDays and daysBetween', () => {
  it.each([
    ['2024-02-28', 1, '2024-02-29'],
    ['2026-02-28', 1, '2026-03-01'],
    ['2026-01-01', -1, '2025-12-31'],
    ['1970-01-01', -1, '1969-12-31'],
    // Daylight saving time begins: a day is a day.
    ['2026-03-28', 2, '2026-03-30'],
  ])('%s and %i days is %s', (from, count, to) => {
    expect(addDays(isoDate(from), count)).toBe(to);
  });

  it('refuses to leave the years of four digits', () => {
    expect(() => addDays(isoDate('0000-01-01'), -1)).toThrow(RangeError);
    expect(() => addDays(isoDate('9999-12-31'), 1)).toThrow(RangeError);
  });

  it('law: one undoes the other, and the order of text is the order of days', () => {
    fc.assert(
      fc.property(date, days, (from, count) => {
        const to = addDays(from, count);
        expect(daysBetween(from, to)).toBe(count);
        expect(addDays(to, -count)).toBe(from);
        expect(Math.sign(count)).toBe(from < to ? 1 : from > to ? -1 : 0);
      }),
    );
  });
});

describe('dayOfWeek', () => {
  it.each([
    ['1970-01-01', 4],
    ['1969-12-31', 3],
    ['1900-01-01', 1],
    ['2026-04-13', 1],
    ['2026-04-11', 6],
    ['2026-04-12', 7],
  ])('of %s is %i', (day, number) => {
    expect(dayOfWeek(isoDate(day))).toBe(number);
    expect(isWeekend(isoDate(day))).toBe(number > 5);
  });

  it('law: the days of the week follow each other', () => {
    fc.assert(
      fc.property(date, (day) => {
        expect(dayOfWeek(addDays(day, 1))).toBe((dayOfWeek(day) % 7) + 1);
      }),
    );
  });
});

function monthNumber(day: IsoDate): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}
