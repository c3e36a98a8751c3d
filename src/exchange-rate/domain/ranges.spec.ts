import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import { chartRanges, RANGE_KEYS, rangeStart } from './ranges.js';
import { Series } from './series.js';

const START = isoDate('2023-06-01');
const daily = (count: number) =>
  new Series(Array.from({ length: count }, (_, day) => ({ date: addDays(START, day), rate: String(day + 1) })));

describe('rangeStart', () => {
  it.each([
    ['2026-04-13', '3m', '2026-01-13'],
    ['2026-04-13', '6m', '2025-10-13'],
    ['2026-04-13', '1y', '2025-04-13'],
    ['2026-04-13', '2y', '2024-04-13'],
    ['2026-05-31', '3m', '2026-02-28'],
    ['2024-05-31', '3m', '2024-02-29'],
    ['2024-02-29', '1y', '2023-02-28'],
    ['2026-08-31', '6m', '2026-02-28'],
  ] as const)('of %s over %s is %s', (asOf, key, start) => {
    expect(rangeStart(isoDate(asOf), key)).toBe(start);
  });
});

describe('chartRanges', () => {
  it('has exactly the four keys, both ends of each included', () => {
    const ranges = chartRanges(daily(1200), isoDate('2026-04-13'));
    expect(Object.keys(ranges)).toEqual(['3m', '6m', '1y', '2y']);
    for (const key of RANGE_KEYS) {
      expect(ranges[key][0]?.date).toBe(rangeStart(isoDate('2026-04-13'), key));
      expect(ranges[key].at(-1)?.date).toBe('2026-04-13');
    }
  });

  it('may be empty in one range while another has points', () => {
    const ranges = chartRanges(daily(10), isoDate('2024-06-05'));
    expect([ranges['3m'], ranges['6m']]).toEqual([[], []]);
    expect(ranges['1y'].map(({ date }) => date)).toEqual([
      '2023-06-05',
      '2023-06-06',
      '2023-06-07',
      '2023-06-08',
      '2023-06-09',
      '2023-06-10',
    ]);
    expect(ranges['2y']).toHaveLength(10);
  });

  it('law: never looks ahead, ascends, and a longer range ends with the shorter one', () => {
    const series = daily(900);
    fc.assert(
      fc.property(fc.integer({ min: -800, max: 1700 }), (day) => {
        const asOf = addDays(START, day);
        const ranges = chartRanges(series, asOf);
        for (const key of RANGE_KEYS) {
          const dates = ranges[key].map(({ date }) => date);
          expect(dates).toEqual([...new Set(dates)].sort());
          expect(dates.every((date) => rangeStart(asOf, key) <= date && date <= asOf)).toBe(true);
        }
        for (const [shorter, longer] of [
          ['3m', '6m'],
          ['6m', '1y'],
          ['1y', '2y'],
        ] as const) {
          expect(ranges[longer].slice(ranges[longer].length - ranges[shorter].length)).toEqual(ranges[shorter]);
        }
      }),
    );
  });

  it('law: points after the day change nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 100 }), (known, later) => {
        const asOf = addDays(START, known - 1);
        expect(chartRanges(daily(known + later), asOf)).toEqual(chartRanges(daily(known), asOf));
      }),
    );
  });
});
