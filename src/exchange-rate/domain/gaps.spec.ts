import { expect, it } from '@jest/globals';
import { isoDate } from '../../platform/time/iso-date.js';
import { gapsBetween } from './gaps.js';

const gaps = (from: string, to: string, ...present: string[]) =>
  gapsBetween(isoDate(from), isoDate(to), new Set(present));

it('nothing is missing where each publication day has rates', () => {
  // Good Friday and Easter Monday lie between.
  expect(gaps('2026-04-02', '2026-04-07', '2026-04-02', '2026-04-07')).toEqual({ days: 0, ranges: [] });
});

it('what is missing is counted in publication days and told in stretches, the newest first', () => {
  expect(gaps('2026-08-03', '2026-08-12', '2026-08-04', '2026-08-06', '2026-08-12')).toEqual({
    days: 5,
    ranges: [
      { from: '2026-08-07', to: '2026-08-11' },
      { from: '2026-08-05', to: '2026-08-05' },
      { from: '2026-08-03', to: '2026-08-03' },
    ],
  });
});

it('the list is bounded, the count is not', () => {
  const fridays = Array.from({ length: 110 }, (_, week) => {
    return new Date(Date.parse('2024-07-05') + week * 7 * 86_400_000).toISOString().slice(0, 10);
  });
  const { days, ranges } = gaps('2024-07-01', '2026-08-07', ...fridays);
  expect(days).toBeGreaterThan(400);
  expect(ranges).toHaveLength(50);
  expect(ranges[0]).toEqual({ from: '2026-08-03', to: '2026-08-06' });
});
