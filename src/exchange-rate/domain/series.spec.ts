import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import { Series, type Point } from './series.js';

const START = isoDate('2024-02-25');
const point = (date: string, rate: string): Point => ({ date: isoDate(date), rate });

/** Ascending points with gaps, as weekends and holidays make them. */
const points = fc
  .uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 60 })
  .map((days) => days.sort((a, b) => a - b).map((day) => ({ date: addDays(START, day), rate: `${day + 1}.50` })));
const date = fc.integer({ min: -30, max: 430 }).map((day) => addDays(START, day));

describe('Series', () => {
  const week = new Series([
    point('2026-04-08', '1.10'),
    point('2026-04-09', '1740.86'),
    point('2026-04-10', '0.00067'),
    point('2026-04-13', '20082.05'),
  ]);

  it('gives back every point as it came, digits as published', () => {
    expect([...week]).toEqual([
      { date: '2026-04-08', rate: '1.10' },
      { date: '2026-04-09', rate: '1740.86' },
      { date: '2026-04-10', rate: '0.00067' },
      { date: '2026-04-13', rate: '20082.05' },
    ]);
    expect(week.length).toBe(4);
    expect(week.oldest).toEqual(point('2026-04-08', '1.10'));
    expect(week.newest).toEqual(point('2026-04-13', '20082.05'));
    expect(week.at(4)).toBeUndefined();
    expect(week.at(-1)).toBeUndefined();
  });

  it('invents nothing for a weekend', () => {
    const sunday = isoDate('2026-04-12');
    expect(week.on(sunday)).toBeUndefined();
    expect(week.newestAtOrBefore(sunday)).toEqual(point('2026-04-10', '0.00067'));
    expect(week.newestAtOrBefore(isoDate('2026-04-07'))).toBeUndefined();
  });

  it('lets a rate stand for a named day for 14 days and no longer', () => {
    expect(week.standingOn(isoDate('2026-04-27'))).toEqual(week.newest);
    expect(week.standingOn(isoDate('2026-04-28'))).toBeUndefined();
    expect(week.newestAtOrBefore(isoDate('2026-04-28'))).toEqual(week.newest);
  });

  it('holds nothing when empty', () => {
    const empty = new Series([]);
    expect([...empty]).toEqual([]);
    expect(empty.newest).toBeUndefined();
    expect(empty.oldest).toBeUndefined();
    expect(empty.between(isoDate('1999-01-01'), isoDate('2030-01-01'))).toEqual([]);
    expect(empty.standingOn(START)).toBeUndefined();
  });

  it('is not changed through what it gives out or was given', () => {
    const given = [point('2026-04-13', '1.1684')];
    const series = new Series(given);
    given.push(point('2026-04-14', '9'));
    series.between(isoDate('2026-01-01'), isoDate('2026-12-31')).pop();
    expect([...series]).toEqual([point('2026-04-13', '1.1684')]);
  });

  it.each([
    ['a date twice', [point('2026-04-13', '1'), point('2026-04-13', '1')]],
    ['a date out of order', [point('2026-04-13', '1'), point('2026-04-10', '1')]],
    ['a date that is none', [{ date: '2026-02-30', rate: '1' } as Point]],
    ['a zero', [point('2026-04-13', '0.000')]],
    ['a negative rate', [point('2026-04-13', '-1')]],
    ['an exponent', [point('2026-04-13', '1e3')]],
    ['no rate', [point('2026-04-13', 'N/A')]],
    ['an empty rate', [point('2026-04-13', '')]],
  ])('refuses %s', (_, bad) => {
    expect(() => new Series(bad)).toThrow(RangeError);
  });

  it('law: between is the filter by date', () => {
    fc.assert(
      fc.property(points, date, date, (all, from, to) => {
        const expected = all.filter((candidate) => from <= candidate.date && candidate.date <= to);
        expect(new Series(all).between(from, to)).toEqual(expected);
      }),
    );
  });

  it('law: newestAtOrBefore is the last of the filter by date, and on is its equal', () => {
    fc.assert(
      fc.property(points, date, (all, day) => {
        const series = new Series(all);
        expect(series.newestAtOrBefore(day)).toEqual(all.filter((candidate) => candidate.date <= day).at(-1));
        expect(series.on(day)).toEqual(all.find((candidate) => candidate.date === day));
      }),
    );
  });

  it('law: what goes in comes out', () => {
    fc.assert(
      fc.property(points, (all) => {
        const series = new Series(all);
        expect([...series]).toEqual(all);
        expect([series.length, series.oldest, series.newest]).toEqual([all.length, all[0], all.at(-1)]);
      }),
    );
  });
});
