import { describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../../libs/money/currency.js';
import { isoDate } from '../../platform/time/iso-date.js';
import { DISCONTINUED, discontinuedOn, endOf } from './discontinued.js';
import { isTargetDay } from './target-calendar.js';

describe('discontinuedOn', () => {
  const kuna = currencyCode('HRK');

  it('holds after the last date, not on it', () => {
    expect(discontinuedOn(kuna, isoDate('2022-12-30'))).toBeUndefined();
    expect(discontinuedOn(kuna, isoDate('2022-12-31'))).toEqual({
      currency: 'HRK',
      lastDate: '2022-12-30',
      successor: 'EUR',
      unitsPerSuccessor: '7.53450',
    });
  });

  it.each(['RUB', 'ISK', 'TRY', 'RON', 'EUR', 'KRW'])('%s lives on', (code) => {
    expect(discontinuedOn(currencyCode(code), isoDate('2099-01-01'))).toBeUndefined();
    expect(endOf(currencyCode(code))).toBeUndefined();
  });
});

describe('the recorded facts', () => {
  it('know the new lira, a million times the old one', () => {
    expect(endOf(currencyCode('TRL'))).toMatchObject({
      lastDate: '2004-12-31',
      successor: 'TRY',
      unitsPerSuccessor: '1000000',
    });
  });

  it('name each currency once, with a last date on which rates were published', () => {
    expect(new Set(DISCONTINUED.map(({ currency }) => currency)).size).toBe(DISCONTINUED.length);
    expect(DISCONTINUED.filter(({ lastDate }) => !isTargetDay(lastDate))).toEqual([]);
  });
});
