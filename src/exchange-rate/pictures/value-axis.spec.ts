import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { valueAxis } from './value-axis.js';

const rates = (lowest: number, highest: number) => valueAxis(lowest, highest).ticks.map(({ rate }) => rate);

describe('valueAxis', () => {
  it.each([
    [1353.24, 1524.8, ['1350', '1400', '1450', '1500', '1550']],
    [0.835143, 0.871384, ['0.83', '0.84', '0.85', '0.86', '0.87']],
    [16104.4, 17187.6, ['16000', '16500', '17000']],
    [0.0000581813, 0.0000661833, ['0.000055', '0.000060', '0.000065']],
    [3.6725, 3.6725, ['3.64', '3.66', '3.68', '3.70']],
    [1e15, 1e15, ['990000000000000', '995000000000000', '1000000000000000', '1005000000000000', '1010000000000000']],
  ])('from %d to %d: %j', (lowest, highest, expected) => {
    expect(rates(lowest, highest)).toEqual(expected);
  });

  it('law: three to five ticks, ascending in equal steps of 1, 2 or 5, all of them and both values inside', () => {
    const value = fc
      .tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.integer({ min: -18, max: 18 }))
      .map(([digits, exponent]) => Number(`${digits}e${exponent}`));
    fc.assert(
      fc.property(value, value, (one, other) => {
        const [lowest, highest] = [Math.min(one, other), Math.max(one, other)];
        const { low, high, ticks } = valueAxis(lowest, highest);
        expect(low).toBeLessThan(lowest);
        expect(high).toBeGreaterThan(highest);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(5);
        for (const tick of ticks) {
          expect(tick.value).toBeGreaterThanOrEqual(Math.max(low, 0));
          expect(tick.value).toBeLessThanOrEqual(high);
          expect(tick.rate).toMatch(/^\d+(\.\d+)?$/);
          expect(Math.abs(Number(tick.rate) - tick.value)).toBeLessThanOrEqual(tick.value * 1e-12);
        }
        const steps = ticks.slice(1).map((tick, index) => tick.value - ticks[index]!.value);
        for (const step of steps) {
          expect(step).toBeGreaterThan(0);
          expect(step.toExponential(4)).toMatch(/^[125]\.0000e/);
        }
        expect(new Set(steps.map((step) => step.toExponential(4))).size).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });
});
