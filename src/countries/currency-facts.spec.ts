import { describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../libs/money/currency.js';
import { allCountries } from './country-facts.js';
import { isEverydayMoney, usdPegOf } from './currency-facts.js';

const pegged = [...new Set(allCountries().map(({ currency }) => currency))].filter((each) => usdPegOf(each)).sort();

describe('currency facts', () => {
  it('record the hard pegs to the dollar, and no more', () => {
    expect(pegged.join(' ')).toBe('AED AWG BBD BHD BMD BSD BZD DJF ERN JOD KYD OMR PAB QAR SAR TMT XCD XCG');
  });

  it.each([
    ['AED', '3.6725'],
    ['SAR', '3.75'],
    ['QAR', '3.64'],
    ['OMR', '0.3845'],
    ['BHD', '0.376'],
    ['DJF', '177.721'],
  ])('give %s its parity of %s to the dollar', (currency, units) => {
    expect(usdPegOf(currencyCode(currency))).toMatchObject({ currency, units, usd: '1' });
  });

  it('keep the exact parity where it is decreed in dollars', () => {
    expect(usdPegOf(currencyCode('KYD'))).toMatchObject({ units: '1', usd: '1.2' });
  });

  it.each(pegged)('state the peg of %s as positive decimals and a year gone by', (currency) => {
    const peg = usdPegOf(currency)!;
    for (const amount of [peg.units, peg.usd]) {
      expect(amount).toMatch(/^\d+(\.\d*[1-9])?$/);
      expect(Number(amount)).toBeGreaterThan(0);
    }
    expect(peg.since).toBeGreaterThan(1900);
    expect(peg.since).toBeLessThan(2026);
  });

  it.each(['USD', 'EUR', 'KRW', 'HKD', 'MOP', 'LBP', 'IQD', 'KWD', 'XOF', 'GIP'])(
    'record no dollar peg for %s',
    (code) => {
      expect(usdPegOf(currencyCode(code))).toBeUndefined();
    },
  );

  it('tell money from units of account', () => {
    expect(['CHE', 'CHW', 'CLF', 'USN', 'UYI', 'BOV'].filter(isEverydayMoney)).toEqual([]);
    expect(['CHF', 'CLP', 'USD', 'UYU', 'BOB'].every(isEverydayMoney)).toBe(true);
  });
});
