import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import { summarize } from '../domain/statistics.js';
import { thinned } from './thinning.js';

const START = isoDate('2020-01-01');
const points = fc
  .array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 1_200 })
  .map((rates) => rates.map((rate, day) => ({ date: addDays(START, day), rate: String(rate) })));

it('leaves what is short as it is', () => {
  fc.assert(
    fc.property(points, (given) => expect(thinned(given, given.length)).toBe(given)),
    { numRuns: 20 },
  );
});

it('law: at most so many, in their order, with both ends and the earliest low and high', () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 4, max: 400 }), (given, most) => {
      const kept = thinned(given, most);
      expect(kept.length).toBeLessThanOrEqual(most);
      const rest = new Set(kept);
      expect(given.filter((point) => rest.has(point))).toEqual(kept);
      expect(summarize(kept)).toMatchObject({
        first: given[0],
        last: given.at(-1),
        low: summarize(given)!.low,
        high: summarize(given)!.high,
      });
    }),
  );
});
