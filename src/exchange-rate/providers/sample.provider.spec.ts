import { describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../../libs/money/currency.js';
import { Clock } from '../../platform/time/clock.js';
import { addMonths, isoDate, isWeekend } from '../../platform/time/iso-date.js';
import { collect, CONTRACT_TODAY, describeRateProvider } from './provider.contract.js';
import { SAMPLE_LEVELS } from './sample-levels.js';
import { SampleProvider } from './sample.provider.js';

class FixedClock extends Clock {
  now(): Date {
    return new Date(`${CONTRACT_TODAY}T12:00:00Z`);
  }
}

const provider = new SampleProvider(new FixedClock());
const TWO_YEARS = { from: addMonths(CONTRACT_TODAY, -24), to: CONTRACT_TODAY };

describeRateProvider('sample', () => Promise.resolve({ provider, close: () => Promise.resolve() }));

describe('SampleProvider', () => {
  it('makes up every weekday of two years for the common currencies, in at most 6 digits', async () => {
    const rows = await collect(provider, TWO_YEARS);
    expect(SAMPLE_LEVELS.length).toBeGreaterThan(140);
    expect(new Set(SAMPLE_LEVELS.map(({ quote }) => quote)).size).toBe(SAMPLE_LEVELS.length);
    expect(rows).toHaveLength(SAMPLE_LEVELS.length * 522);
    expect(rows.filter(({ date, base }) => isWeekend(date) || base !== 'USD')).toEqual([]);
    expect(rows.filter(({ rate }) => !/^[1-9]\d{0,5}$/.test(rate.replace('.', '').replace(/^0+/, '')))).toEqual([]);
  });

  it('stays near its level and moves a little each day', async () => {
    const KRW = currencyCode('KRW');
    const rates = (await collect(provider, { ...TWO_YEARS, quotes: [KRW] })).map(({ rate }) => Number(rate));
    expect(Math.min(...rates)).toBeGreaterThan(1400 * 0.85);
    expect(Math.max(...rates)).toBeLessThan(1400 * 1.15);
    expect(Math.max(...rates) / Math.min(...rates)).toBeGreaterThan(1.02);
    const steps = rates.slice(1).map((rate, at) => Math.abs(rate / (rates[at] ?? rate) - 1));
    expect(Math.max(...steps)).toBeLessThan(0.02);
  });

  it('is the same in every process', async () => {
    const day = isoDate('2025-03-03');
    const rows = await collect(provider, { from: day, to: day, quotes: [currencyCode('KRW'), currencyCode('AED')] });
    expect(rows.map(({ quote, rate }) => `${quote} ${rate}`)).toMatchInlineSnapshot(`
      [
        "AED 3.67378",
        "KRW 1340.95",
      ]
    `);
  });
});
