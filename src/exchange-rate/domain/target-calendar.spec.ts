import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, dayOfWeek, isoDate, isoDateOf } from '../../platform/time/iso-date.js';
import {
  expectedNewest,
  isTargetDay,
  newestTargetDayAtOrBefore,
  nextPublication,
  publicationAfter,
} from './target-calendar.js';

const instant = fc.date({
  min: new Date('1999-01-05T00:00:00Z'),
  max: new Date('2100-01-01T00:00:00Z'),
  noInvalidDate: true,
});

describe('isTargetDay', () => {
  it.each([
    // Good Fridays and Easter Mondays, early, late and leap.
    '2002-03-29',
    '2002-04-01',
    '2008-03-21',
    '2008-03-24',
    '2011-04-22',
    '2011-04-25',
    '2024-03-29',
    '2024-04-01',
    '2026-04-03',
    '2026-04-06',
    '2038-04-23',
    '2049-04-16',
    '2076-04-17',
    // New Year, Labour Day, Christmas.
    '2026-01-01',
    '2026-05-01',
    '2025-12-25',
    '2025-12-26',
    // A weekend.
    '2026-04-11',
    '2026-04-12',
    // Closed once.
    '1999-12-31',
    '2001-12-31',
  ])('is closed on %s', (date) => {
    expect(isTargetDay(isoDate(date))).toBe(false);
  });

  it.each([
    '2026-04-02',
    '2026-04-07',
    '2026-04-13',
    '2025-12-24',
    '2025-12-31',
    '2026-01-02',
    '2026-05-14',
    '2024-02-29',
    // In its first year TARGET worked on Good Friday and Easter Monday.
    '1999-04-02',
    '1999-04-05',
    '2000-12-29',
  ])('is open on %s', (date) => {
    expect(isTargetDay(isoDate(date))).toBe(true);
  });

  it('law: after two TARGET-free working days at most there is one again', () => {
    fc.assert(
      fc.property(instant, (now) => {
        const date = isoDateOf(now);
        const newest = newestTargetDayAtOrBefore(date);
        expect(isTargetDay(newest)).toBe(true);
        expect(newest <= date && newest >= addDays(date, -4)).toBe(true);
        expect(dayOfWeek(newest)).toBeLessThan(6);
      }),
    );
  });
});

describe('expectedNewest', () => {
  it.each([
    ['winter, a minute before 17:00 in Frankfurt', '2026-01-15T15:59:59Z', '2026-01-14'],
    ['winter, 17:00 in Frankfurt', '2026-01-15T16:00:00Z', '2026-01-15'],
    ['summer, a minute before 17:00 in Frankfurt', '2026-07-15T14:59:59Z', '2026-07-14'],
    ['summer, 17:00 in Frankfurt', '2026-07-15T15:00:00Z', '2026-07-15'],
    ['the first Monday of summer time', '2026-03-30T15:00:00Z', '2026-03-30'],
    ['the first Monday of winter time', '2026-10-26T15:30:00Z', '2026-10-23'],
    ['a Sunday', '2026-04-12T20:00:00Z', '2026-04-10'],
    ['Easter Monday', '2026-04-06T20:00:00Z', '2026-04-02'],
    ['the morning after Easter', '2026-04-07T08:00:00Z', '2026-04-02'],
    ['past midnight in Frankfurt, not yet in UTC', '2026-04-13T22:30:00Z', '2026-04-13'],
    ['Boxing Day', '2025-12-26T18:00:00Z', '2025-12-24'],
  ])('%s', (_, now, newest) => {
    expect(expectedNewest(new Date(now))).toBe(newest);
  });
});

describe('nextPublication', () => {
  it.each([
    ['the morning of a working day', '2026-04-13T08:00:00Z', '2026-04-13T14:00:00.000Z'],
    ['the very minute', '2026-04-13T14:00:00Z', '2026-04-14T14:00:00.000Z'],
    ['a Friday evening', '2026-04-10T18:00:00Z', '2026-04-13T14:00:00.000Z'],
    ['over Easter', '2026-04-02T18:00:00Z', '2026-04-07T14:00:00.000Z'],
    ['over the change to summer time', '2026-03-27T16:00:00Z', '2026-03-30T14:00:00.000Z'],
    ['over the change to winter time', '2026-10-23T16:00:00Z', '2026-10-26T15:00:00.000Z'],
    ['over Christmas', '2025-12-24T16:00:00Z', '2025-12-29T15:00:00.000Z'],
    ['past midnight in Frankfurt, not yet in UTC', '2026-04-12T22:30:00Z', '2026-04-13T14:00:00.000Z'],
  ])('%s', (_, now, next) => {
    expect(nextPublication(new Date(now)).toISOString()).toBe(next);
  });

  it('knows when the successor of stored rates is due, and overdue', () => {
    expect(publicationAfter(isoDate('2026-04-10')).toISOString()).toBe('2026-04-13T14:00:00.000Z');
    expect(publicationAfter(isoDate('2026-04-02')).toISOString()).toBe('2026-04-07T14:00:00.000Z');
  });

  it('law: lies ahead, within five days, and what it announces must exist an hour later and not before', () => {
    fc.assert(
      fc.property(instant, (now) => {
        const next = nextPublication(now);
        const ahead = next.getTime() - now.getTime();
        expect(ahead).toBeGreaterThan(0);
        expect(ahead).toBeLessThanOrEqual(5 * 86_400_000 + 3_600_000);
        const announced = isoDateOf(next, 'Europe/Berlin');
        expect(isTargetDay(announced)).toBe(true);
        expect(expectedNewest(new Date(next.getTime() + 3_600_000))).toBe(announced);
        expect(expectedNewest(new Date(next.getTime() + 3_599_999)) < announced).toBe(true);
      }),
    );
  });
});
