import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencyCode, type CurrencyCode } from '../../../libs/money/currency.js';
import { crossRate, multiplyExact } from '../../../libs/money/decimal.js';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import { Pair, pairKey, seriesNeeded, type PairKey } from './pair.js';
import { Series, type Point } from './series.js';

const code = currencyCode;
const [EUR, USD, KRW, AED, RUB, JPY] = ['EUR', 'USD', 'KRW', 'AED', 'RUB', 'JPY'].map(code) as [
  CurrencyCode,
  CurrencyCode,
  CurrencyCode,
  CurrencyCode,
  CurrencyCode,
  CurrencyCode,
];
const key = (text: string): PairKey => pairKey(code(text.slice(0, 3)), code(text.slice(4)));
const keys = (...texts: string[]): Set<PairKey> => new Set(texts.map(key));
const series = (rates: Record<string, string>): Series =>
  new Series(Object.entries(rates).map(([date, rate]) => ({ date: isoDate(date), rate })));
const book = (published: Record<string, Record<string, string>>): Map<PairKey, Series> =>
  new Map(Object.entries(published).map(([name, rates]) => [key(name), series(rates)]));

/** As a caller does it: what is needed is read off the names alone, and nothing else is loaded. */
function pairOf(base: CurrencyCode, quote: CurrencyCode, published: ReadonlyMap<PairKey, Series>): Pair | undefined {
  const available = new Set(published.keys());
  const needed = new Set(seriesNeeded(base, quote, available));
  return Pair.of(base, quote, available, new Map([...published].filter(([name]) => needed.has(name))));
}

const ratesOf = (base: CurrencyCode, quote: CurrencyCode, published: ReadonlyMap<PairKey, Series>) =>
  Object.fromEntries([...(pairOf(base, quote, published)?.series ?? [])].map(({ date, rate }) => [date, rate]));

// Published by the ECB on 2026-04-10 (a part) and 2026-04-13; the dirham is pegged at 3.6725 to the dollar.
const APRIL = book({
  'EUR/USD': { '2026-04-09': '1.17', '2026-04-13': '1.1684' },
  'EUR/KRW': { '2026-04-13': '1740.86' },
  'EUR/JPY': { '2026-04-09': '186', '2026-04-13': '186.75' },
  'USD/AED': { '2026-04-10': '3.6725', '2026-04-13': '3.6725' },
});

describe('Pair', () => {
  it.each([
    ['published as such, verbatim', EUR, KRW, { '2026-04-13': '1740.86' }],
    ['won per dollar', USD, KRW, { '2026-04-13': '1489.95' }],
    ['dollars per won, from the legs and not from 1489.95', KRW, USD, { '2026-04-13': '0.000671163' }],
    [
      'euros per dollar: leg 1 over the leg of the dollar',
      USD,
      EUR,
      { '2026-04-09': '0.854701', '2026-04-13': '0.855871' },
    ],
    ['neither of them dollar or euro', KRW, JPY, { '2026-04-13': '0.107275' }],
    ['mixed pivots, one fraction', KRW, AED, { '2026-04-13': '0.00246484' }],
    ['the pivot itself against a leg of the other pivot', EUR, AED, { '2026-04-13': '4.29095' }],
    ['and the other way round', AED, EUR, { '2026-04-13': '0.233049' }],
    ['dollars per dirham', AED, USD, { '2026-04-10': '0.272294', '2026-04-13': '0.272294' }],
  ] as const)('%s', (_, base, quote, expected) => {
    expect(ratesOf(base, quote, APRIL)).toEqual(expected);
  });

  it('keeps the digits of a published pair', () => {
    const published = book({ 'EUR/USD': { '2026-04-13': '1.1080' }, 'EUR/IDR': { '2026-04-13': '20082.05' } });
    expect(ratesOf(EUR, USD, published)).toEqual({ '2026-04-13': '1.1080' });
    expect(ratesOf(EUR, code('IDR'), published)).toEqual({ '2026-04-13': '20082.05' });
  });

  it('joins what is published on some dates with crosses on others, the published winning', () => {
    const published = book({
      'EUR/RUB': { '2022-02-28': '115', '2022-03-01': '117.201' },
      'EUR/USD': { '2022-02-28': '1.12', '2022-03-01': '1.1162', '2022-03-02': '1.11', '2022-03-03': '1.1' },
      'USD/RUB': { '2022-03-01': '104.5', '2022-03-03': '110.25' },
      'EUR/JPY': { '2022-03-01': '128', '2022-03-03': '127' },
    });
    expect(ratesOf(USD, RUB, published)).toEqual({
      '2022-02-28': '102.679',
      '2022-03-01': '104.5',
      '2022-03-03': '110.25',
    });
    expect(ratesOf(EUR, RUB, published)).toEqual({
      '2022-02-28': '115',
      '2022-03-01': '117.201',
      '2022-03-03': '121.275',
    });
    // Two euro legs before three series of mixed pivots: 117.201 / 128, then 110.25 × 1.1 / 127.
    expect(ratesOf(JPY, RUB, published)).toEqual({ '2022-03-01': '0.915633', '2022-03-03': '0.954921' });
  });

  it('finds the reverse of an imported pair, and both directions where both are published', () => {
    expect(ratesOf(USD, KRW, book({ 'KRW/USD': { '2026-04-13': '0.00067' } }))).toEqual({ '2026-04-13': '1492.54' });
    const both = book({
      'KRW/USD': { '2026-04-10': '0.00067', '2026-04-13': '0.00066' },
      'USD/KRW': { '2026-04-13': '1490' },
    });
    expect(ratesOf(USD, KRW, both)).toEqual({ '2026-04-10': '1492.54', '2026-04-13': '1490' });
  });

  it('has no way between currencies that share nothing, and says so', () => {
    const apart = book({ 'EUR/USD': { '2026-04-13': '1.1684' }, 'GBP/JPY': { '2026-04-13': '214' } });
    expect(pairOf(USD, JPY, apart)).toBeUndefined();
    expect(pairOf(USD, KRW, new Map())).toBeUndefined();
    expect(seriesNeeded(USD, KRW, keys('EUR/USD'))).toEqual([]);
  });

  it('is empty where the legs never meet', () => {
    const published = book({ 'EUR/USD': { '2026-04-09': '1.17' }, 'EUR/KRW': { '2026-04-13': '1740.86' } });
    expect(pairOf(USD, KRW, published)?.series.length).toBe(0);
  });

  it('refuses a currency against itself', () => {
    expect(() => pairOf(USD, USD, APRIL)).toThrow(RangeError);
    expect(() => seriesNeeded(USD, USD, keys('EUR/USD'))).toThrow('USD against itself is no pair');
  });

  it('refuses a book that lacks what is needed, instead of answering without it', () => {
    const available = new Set(APRIL.keys());
    expect(() => Pair.of(USD, KRW, available, new Map())).toThrow(/series EUR\/(KRW|USD) is needed/);
  });

  it('gives the unrounded rate of a date, for conversions that round once', () => {
    const pair = pairOf(USD, KRW, APRIL);
    const exact = pair?.exactRate(isoDate('2026-04-13'));
    expect(exact && multiplyExact('1000000', exact, 0)).toBe('1489952071');
    expect(pair?.exactRate(isoDate('2026-04-12'))).toBeUndefined();
  });
});

describe('seriesNeeded', () => {
  const all = keys('EUR/USD', 'EUR/KRW', 'EUR/JPY', 'EUR/RUB', 'USD/AED', 'USD/RUB', 'USD/SAR');

  it.each([
    ['USD', 'KRW', ['EUR/KRW', 'EUR/USD']],
    ['KRW', 'USD', ['EUR/KRW', 'EUR/USD']],
    ['EUR', 'KRW', ['EUR/KRW']],
    ['USD', 'AED', ['USD/AED']],
    ['AED', 'SAR', ['USD/AED', 'USD/SAR']],
    ['KRW', 'AED', ['EUR/KRW', 'EUR/USD', 'USD/AED']],
    ['USD', 'RUB', ['EUR/RUB', 'EUR/USD', 'USD/RUB']],
    ['KRW', 'RUB', ['EUR/KRW', 'EUR/RUB', 'EUR/USD', 'USD/RUB']],
    ['USD', 'CHF', []],
  ])('of %s and %s is %j', (base, quote, needed) => {
    expect(seriesNeeded(code(base), code(quote), all).sort()).toEqual(needed);
  });
});

describe('laws', () => {
  const START = isoDate('2026-01-01');
  const rate = fc.integer({ min: 1, max: 999_999 }).map((digits) => (digits / 1000).toFixed(3));
  const leg = fc
    .dictionary(fc.integer({ min: 0, max: 12 }).map(String), rate)
    .map((days) => Object.entries(days).map(([day, value]) => ({ date: addDays(START, Number(day)), rate: value })))
    .map((points) => points.sort((a: Point, b: Point) => (a.date < b.date ? -1 : 1)))
    .map((points) => new Series(points));
  const published = fc.record({ 'EUR/USD': leg, 'EUR/KRW': leg, 'EUR/RUB': leg, 'USD/RUB': leg, 'USD/AED': leg });
  const toBook = (legs: Record<string, Series>) =>
    new Map(Object.entries(legs).map(([name, points]) => [key(name), points]));

  it('a pair has the dates on which all legs have a rate, and their cross', () => {
    fc.assert(
      fc.property(published, (legs) => {
        const expected = [...legs['EUR/KRW']].flatMap(({ date, rate: krw }) => {
          const usd = legs['EUR/USD'].on(date)?.rate;
          return usd ? [{ date, rate: crossRate([krw], [usd]) }] : [];
        });
        expect([...pairOf(USD, KRW, toBook(legs))!.series]).toEqual(expected);
      }),
    );
  });

  it('a union has the dates of either source, each rate of the published one where it has one', () => {
    fc.assert(
      fc.property(published, (legs) => {
        const dates = Array.from({ length: 13 }, (_, day) => addDays(START, day));
        const expected = dates.flatMap((date) => {
          const verbatim = legs['USD/RUB'].on(date);
          const [rub, usd] = [legs['EUR/RUB'].on(date)?.rate, legs['EUR/USD'].on(date)?.rate];
          return verbatim ? [verbatim] : rub && usd ? [{ date, rate: crossRate([rub], [usd]) }] : [];
        });
        expect([...pairOf(USD, RUB, toBook(legs))!.series]).toEqual(expected);
      }),
    );
  });

  it('the two directions of a pair have the same dates and are exact reverses before rounding', () => {
    const currency = fc.constantFrom(EUR, USD, KRW, RUB, AED);
    fc.assert(
      fc.property(published, currency, currency, (legs, base, quote) => {
        fc.pre(base !== quote);
        const there = pairOf(base, quote, toBook(legs))!;
        const back = pairOf(quote, base, toBook(legs))!;
        expect([...back.series].map(({ date }) => date)).toEqual([...there.series].map(({ date }) => date));
        for (const { date, rate: served } of there.series) {
          const [one, other] = [there.exactRate(date)!, back.exactRate(date)!];
          expect(one.times(other).toSignificant(15)).toBe('1');
          expect(Math.abs(Number(served) / Number(one.toSignificant(15)) - 1)).toBeLessThanOrEqual(5.0000001e-6);
        }
      }),
    );
  });
});
