import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commonDecimals, decimalsOf, parseRange, type Point, summarize } from './ranges.js';

const points = (...rates: number[]): Point[] =>
  rates.map((rate, day) => ({ date: `2026-04-${String(day + 1).padStart(2, '0')}`, rate }));

describe('parseRange', () => {
  it.each([
    ['3m', '3m'],
    ['2Y', '2y'],
    [null, '1y'],
    ['', '1y'],
    ['5y', '1y'],
    ['constructor', '1y'],
  ])('reads %j as %s', (text, range) => {
    expect(parseRange(text)).toBe(range);
  });
});

describe('summarize', () => {
  it('gives change, extremes and mean of the points', () => {
    const summary = summarize(points(100, 80, 130, 110));
    expect(summary).toMatchObject({ count: 4, average: 105, change: 10 });
    expect(summary?.changePercent).toBeCloseTo(10, 10);
    expect(summary?.low).toEqual({ date: '2026-04-02', rate: 80 });
    expect(summary?.high).toEqual({ date: '2026-04-03', rate: 130 });
  });

  it('lets the earliest day win a tie', () => {
    const summary = summarize(points(2, 1, 2, 1));
    expect(summary?.high.date).toBe('2026-04-01');
    expect(summary?.low.date).toBe('2026-04-02');
  });

  it('is null without points, and flat with one', () => {
    expect(summarize([])).toBeNull();
    expect(summarize(points(7))).toMatchObject({ change: 0, changePercent: 0, average: 7 });
  });

  it('never finds a low above, or a high below, any point', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1 }), (rates) => {
        const summary = summarize(points(...rates));
        expect(summary?.low.rate).toBe(Math.min(...rates));
        expect(summary?.high.rate).toBe(Math.max(...rates));
      }),
    );
  });
});

describe('decimals', () => {
  it.each([
    [1489.95, 2],
    [1490, 0],
    [0.000023, 6],
    [1e-7, 7],
    [1.25e-8, 10],
    [1e21, 0],
  ])('of %d are %d', (value, decimals) => {
    expect(decimalsOf(value)).toBe(decimals);
  });

  it('of a series are those of its most precise rate', () => {
    expect(commonDecimals([1489.9, 1490, 1489.95])).toBe(2);
    expect(commonDecimals([])).toBe(0);
  });
});
