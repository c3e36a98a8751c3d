import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WeightedLru } from './weighted-lru.js';

it('keeps what was asked for last', () => {
  const kept = new WeightedLru<string>(10);
  kept.set('a', 'one', 4);
  kept.set('b', 'two', 4);
  expect(kept.get('a')).toBe('one');
  kept.set('c', 'three', 4);
  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual(['one', undefined, 'three']);
  kept.set('a', 'heavier', 7);
  expect([kept.get('a'), kept.get('c'), kept.weight]).toEqual(['heavier', undefined, 7]);
});

it('is never heavier than it may be, and weighs what is in it', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 12 })));
  fc.assert(
    fc.property(steps, (all) => {
      const kept = new WeightedLru<number>(10);
      for (const [key, weight] of all) {
        kept.set(key, weight, weight);
        expect(kept.weight).toBeLessThanOrEqual(10);
        expect(kept.get(key)).toBe(weight <= 10 ? weight : undefined);
      }
      const inIt = ['a', 'b', 'c', 'd'].map((key) => kept.get(key) ?? 0);
      expect(kept.weight).toBe(inIt.reduce((sum, weight) => sum + weight, 0));
    }),
  );
});
