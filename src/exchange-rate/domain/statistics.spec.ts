import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toJsonNumber } from '../../../libs/money/decimal.js';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import type { Point } from './series.js';
import { summarize, type RangeSummary } from './statistics.js';

const START = isoDate('2026-01-01');
const pointsOf = (...rates: string[]): Point[] => rates.map((rate, day) => ({ date: addDays(START, day), rate }));
const summaryOf = (...rates: string[]): RangeSummary => summarize(pointsOf(...rates))!;

/** Rates of up to 9 digits, more than any source publishes. */
const rates = (minLength: number) =>
  fc.array(
    fc
      .tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.integer({ min: 0, max: 6 }))
      .map(([digits, decimals]) => (digits / 10 ** decimals).toFixed(decimals)),
    { minLength, maxLength: 40 },
  );

describe('summarize', () => {
  it('works a small example out', () => {
    // Returns ln 1.1, ln 0.9, ln 10/9: their deviation is 0.118865, × √252; the fall is from 110 to 99.
    expect(summarize(pointsOf('100', '110', '99', '110.00'))).toEqual({
      first: { date: '2026-01-01', rate: '100' },
      last: { date: '2026-01-04', rate: '110.00' },
      low: { date: '2026-01-03', rate: '99' },
      high: { date: '2026-01-02', rate: '110' },
      average: '104.75',
      changePercent: '10.0000',
      volatilityPercent: '188.6921',
      maxDrawdownPercent: '10.0000',
    });
  });

  it('is null for an empty range', () => {
    expect(summarize([])).toBeNull();
  });

  it.each([[['1489.95']], [['1489.95', '1490.05']]])('has no percentages of %j: below three points', (given) => {
    const summary = summaryOf(...given);
    expect(summary).toMatchObject({ changePercent: null, volatilityPercent: null, maxDrawdownPercent: null });
    expect(summary.first.rate).toBe('1489.95');
    expect(summary.average).toBe(given.length === 1 ? '1489.95' : '1490');
  });

  it('gives lows and highs to the earliest of equal rates, however they are written', () => {
    const summary = summaryOf('2', '1.50', '1.5', '3.0', '3');
    expect(summary.low).toEqual({ date: '2026-01-02', rate: '1.50' });
    expect(summary.high).toEqual({ date: '2026-01-04', rate: '3.0' });
  });

  it('compares as numbers, not as text', () => {
    const summary = summaryOf('9.5', '10', '100');
    expect([summary.low.rate, summary.high.rate]).toEqual(['9.5', '100']);
  });

  it('has no volatility and no fall where nothing moves', () => {
    const summary = summaryOf('1.95583', '1.95583', '1.95583');
    expect([summary.changePercent, summary.volatilityPercent, summary.maxDrawdownPercent]).toEqual([
      '0.0000',
      '0.0000',
      '0.0000',
    ]);
  });

  it('measures the fall from the high before it, not from the highest of all', () => {
    expect(summaryOf('100', '50', '200', '150').maxDrawdownPercent).toBe('50.0000');
    expect(summaryOf('50', '100', '200').maxDrawdownPercent).toBe('0.0000');
  });

  it('rounds half-even from the exact figure', () => {
    // 0.00005 % and 0.00015 %: ties that doubles can't hold.
    expect(summaryOf('2000000', '2000000', '2000001').changePercent).toBe('0.0000');
    expect(summaryOf('2000000', '2000000', '2000003').changePercent).toBe('0.0002');
    // The mean 1.000005 to six digits.
    expect(summaryOf('1.00000', '1.00001').average).toBe('1');
    expect(summaryOf('1.00001', '1.00002').average).toBe('1.00002');
  });

  it('keeps the mean within the range where rates have more than six digits', () => {
    expect(summaryOf('20082.05', '20082.05', '20082.05').average).toBe('20082.05');
    expect(summaryOf('20082.05', '20082.06', '20082.06').average).toBe('20082.06');
  });

  it('law: low <= average <= high, and first and last lie between', () => {
    fc.assert(
      fc.property(rates(1), (given) => {
        const positive = given.filter((rate) => /[1-9]/.test(rate));
        fc.pre(positive.length > 0);
        const { low, high, average, first, last } = summaryOf(...positive);
        for (const rate of [average, first.rate, last.rate, ...positive]) {
          expect(toJsonNumber(low.rate)).toBeLessThanOrEqual(toJsonNumber(rate));
          expect(toJsonNumber(rate)).toBeLessThanOrEqual(toJsonNumber(high.rate));
        }
      }),
    );
  });

  it('law: the largest fall is between 0 and 100, and no less than a loss over the whole range', () => {
    fc.assert(
      fc.property(rates(3), (given) => {
        const { maxDrawdownPercent, changePercent, volatilityPercent } = summaryOf(...given);
        expect(Number(maxDrawdownPercent)).toBeGreaterThanOrEqual(Math.max(0, -Number(changePercent)));
        expect(Number(maxDrawdownPercent)).toBeLessThanOrEqual(100);
        expect(Number(volatilityPercent)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('law: the unit does not matter to the percentages', () => {
    fc.assert(
      fc.property(rates(3), (given) => {
        const { changePercent, maxDrawdownPercent, volatilityPercent } = summaryOf(...given);
        const thousandfold = given.map((rate) => {
          const [whole = '', decimals = ''] = rate.split('.');
          return `${whole}${decimals.padEnd(3, '0').slice(0, 3)}.${decimals.slice(3)}0`;
        });
        const scaled = summaryOf(...thousandfold);
        expect([scaled.changePercent, scaled.maxDrawdownPercent]).toEqual([changePercent, maxDrawdownPercent]);
        expect(Number(scaled.volatilityPercent)).toBeCloseTo(Number(volatilityPercent), 3);
      }),
    );
  });
});
