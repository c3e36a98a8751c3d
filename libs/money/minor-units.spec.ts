import { describe, expect, it } from '@jest/globals';
import { currencyCode, parseCurrencyCode } from './currency.js';
import { minorUnits } from './minor-units.js';

describe('minorUnits', () => {
  it.each([
    ['KRW', 0],
    ['JPY', 0],
    ['ISK', 0],
    ['XPF', 0],
    ['USD', 2],
    ['HUF', 2],
    ['IDR', 2],
    ['MRU', 2],
    ['MGA', 2],
    ['COP', 2],
    ['KWD', 3],
    ['TND', 3],
    ['CLF', 4],
    ['UYW', 4],
  ])('%s has %i', (code, units) => {
    expect(minorUnits(currencyCode(code))).toBe(units);
  });
});

describe('parseCurrencyCode', () => {
  it('takes any case and gives upper case', () => {
    expect(parseCurrencyCode('kRw')).toBe('KRW');
  });

  it.each(['', 'KR', 'KRWW', 'K W', 'K1W', '원화폐', 'KRW\n', 'ıſk'])('refuses %j', (text) => {
    expect(parseCurrencyCode(text)).toBeUndefined();
    expect(() => currencyCode(text)).toThrow(RangeError);
  });
});
