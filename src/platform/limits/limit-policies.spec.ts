import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scaled } from './limit-policies.js';

describe('a limit times RATE_LIMIT_SCALE', () => {
  it.each([
    [600, 1, 600],
    [600, 0.1, 60],
    [30, 0.1, 3],
    [10, 1.1, 11],
    [10, 0.05, 1],
    [10, 0.000001, 1],
    [7, 0.5, 4],
    [600, 1_000_000, 600_000_000],
  ])('%d × %d is %d', (limit, scale, result) => expect(scaled(limit, scale)).toBe(result));

  it('is whole, at least one, and never stricter than asked for', () => {
    const scales = fc.double({ min: 0.000001, max: 1_000_000, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), scales, (limit, scale) => {
        const result = scaled(limit, scale);
        expect(Number.isSafeInteger(result) && result >= 1).toBe(true);
        expect(result).toBeGreaterThanOrEqual(limit * scale * (1 - 1e-9));
        expect(result).toBeLessThan(limit * scale + 1.001);
      }),
    );
  });
});
