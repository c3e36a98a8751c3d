import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  crossRate,
  isDecimalText,
  MAX_JSON_DIGITS,
  multiplyExact,
  parsePositiveDecimal,
  significantDigits,
  toJsonNumber,
} from './decimal.js';
import { Fraction } from './fraction.js';

/** A rate as a bank would publish it: 1 to 7 digits, 0 to 6 of them after the point. */
const rate = fc
  .tuple(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 0, max: 6 }))
  .map(([digits, decimals]) => (digits / 10 ** decimals).toFixed(decimals));

describe('parsePositiveDecimal', () => {
  it.each([
    ['1.1684', '1.1684'],
    ['1.10', '1.10'],
    ['20082.05', '20082.05'],
    [' 1740.86\r', '1740.86'],
    ['+1.5', '1.5'],
    ['007.50', '7.50'],
    ['0.00067', '0.00067'],
    ['6.7e-05', '0.000067'],
    ['1.25E2', '125'],
    ['1.25e1', '12.5'],
    ['1e3', '1000'],
    ['12.5e-1', '1.25'],
    ['100000000000000000000', '100000000000000000000'],
  ])('%j is %s', (text, expected) => {
    expect(parsePositiveDecimal(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    '0',
    '0.000',
    '0e5',
    '-1.5',
    '--1',
    'N/A',
    'NaN',
    'Infinity',
    '1.2.3',
    '1,684',
    '1.5abc',
    '1.5 2',
    '1.',
    '.5',
    '0x1f',
    '1_000',
    '١٫٥',
    '1e999',
    '1e99999999999',
    '9'.repeat(65),
    '1.2345678901234567',
  ])('refuses %j', (text) => {
    expect(parsePositiveDecimal(text)).toBeUndefined();
  });

  it('takes more digits where the caller says so: an amount stays text', () => {
    expect(parsePositiveDecimal('12345678901234567.89', Infinity)).toBe('12345678901234567.89');
  });

  it('law: any positive number that JSON can write comes back with the same value, or not at all', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e20, noNaN: true }), (value) => {
        const text = parsePositiveDecimal(JSON.stringify(value));
        if (text === undefined) expect(significantDigits(value.toExponential().replace(/e.*/, ''))).toBeGreaterThan(15);
        else expect([isDecimalText(text), Number(text)]).toEqual([true, value]);
      }),
    );
  });

  it('law: what it gives, it gives again', () => {
    fc.assert(fc.property(rate, (text) => expectSame(parsePositiveDecimal(text))));
    function expectSame(once: string | undefined): void {
      if (once !== undefined) expect(parsePositiveDecimal(once)).toBe(once);
    }
  });
});

describe('crossRate', () => {
  it.each([
    // EUR/KRW over EUR/USD and the other way, 2026-04-13, ECB.
    [['1740.86'], ['1.1684'], '1489.95'],
    [['1.1684'], ['1740.86'], '0.000671163'],
    // The euro against the dollar itself: leg 1 over the dollar's leg.
    [[], ['1.1684'], '0.855871'],
    [['186.75'], ['1.1684'], '159.834'],
    // Three series, one rounding.
    [['3.6725', '1.1684'], ['1740.86'], '0.00246484'],
    [['1'], ['8'], '0.125'],
    [['2'], ['1'], '2'],
  ])('%j over %j is %s', (numerators, denominators, expected) => {
    expect(crossRate(numerators, denominators)).toBe(expected);
  });

  it('decides a tie on the whole quotient', () => {
    expect(crossRate(['1.0000005'], ['1'])).toBe('1');
    expect(crossRate(['1.000015'], ['1'])).toBe('1.00002');
    expect(crossRate(['1.000005'], ['1'])).toBe('1');
    expect(crossRate(['3.000015'], ['3'])).toBe('1');
    expect(crossRate(['3.000045'], ['3'])).toBe('1.00002');
    expect(crossRate(['3.0000150000000000000000000001'], ['3'])).toBe('1.00001');
  });

  it('law: a cross and its reverse multiply to one, within their two roundings', () => {
    fc.assert(
      fc.property(rate, rate, (a, b) => {
        const there = Number(crossRate([a], [b]));
        const back = Number(crossRate([b], [a]));
        expect(Math.abs(there * back - 1)).toBeLessThan(1.01e-5);
      }),
    );
  });

  it('law: at most six significant digits, within half a unit of the last of them', () => {
    fc.assert(
      fc.property(rate, rate, (a, b) => {
        const cross = crossRate([a], [b]);
        expect(significantDigits(cross)).toBeLessThanOrEqual(6);
        expect(Math.abs(Number(cross) / (Number(a) / Number(b)) - 1)).toBeLessThanOrEqual(5.0000001e-6);
      }),
    );
  });

  it('law: the order of the legs does not matter', () => {
    fc.assert(
      fc.property(fc.array(rate, { maxLength: 3 }), fc.array(rate, { maxLength: 3 }), (above, below) => {
        expect(crossRate(above.toReversed(), below.toReversed())).toBe(crossRate(above, below));
      }),
    );
  });
});

describe('multiplyExact', () => {
  const krwPerUsd = Fraction.of(['1740.86'], ['1.1684']);

  it('rounds once, from the unrounded rate, to the minor units', () => {
    expect(multiplyExact('100', krwPerUsd, 0)).toBe('148995');
    // The rounded rate 1489.95 would give 1489950000.00.
    expect(multiplyExact('1000000', krwPerUsd, 2)).toBe('1489952071.21');
    expect(multiplyExact('0.005', Fraction.of(['1']), 2)).toBe('0.00');
    expect(multiplyExact('0.015', Fraction.of(['1']), 2)).toBe('0.02');
  });

  it('takes amounts longer than any number', () => {
    expect(multiplyExact('123456789012345678901234567890.12', Fraction.of(['1']), 2)).toBe(
      '123456789012345678901234567890.12',
    );
  });

  it('refuses text that is no amount', () => {
    expect(() => multiplyExact('1e9', krwPerUsd, 0)).toThrow(RangeError);
  });
});

describe('toJsonNumber', () => {
  it.each([
    ['1489.95', '1489.95'],
    ['1.1080', '1.108'],
    ['-8.4628', '-8.4628'],
    ['0.0000', '0'],
    ['-0', '0'],
    ['0.000671163', '0.000671163'],
    ['0.0000001', '1e-7'],
    ['123456789012345', '123456789012345'],
    ['0.1000000000000000000', '0.1'],
  ])('%s prints %s', (text, json) => {
    expect(JSON.stringify(toJsonNumber(text))).toBe(json);
  });

  it.each([
    '1234567890.123456',
    '0.30000000000000004',
    '1e5',
    'abc',
    '',
    `1${'0'.repeat(400)}`,
    `0.${'0'.repeat(400)}1`,
  ])('refuses %s', (text) => {
    expect(() => toJsonNumber(text)).toThrow(RangeError);
  });

  it('law: up to fifteen digits come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** MAX_JSON_DIGITS - 1 }),
        fc.integer({ min: 0, max: 20 }),
        (digits, decimals) => {
          const padded = String(digits).padStart(decimals + 1, '0');
          const text = decimals === 0 ? padded : `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
          const back = parsePositiveDecimal(JSON.stringify(toJsonNumber(text)));
          expect(back).toBe(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
        },
      ),
    );
  });
});

describe('significantDigits', () => {
  it.each([
    ['0.01080', 3],
    ['3000', 1],
    ['0.00', 0],
    ['-12.5', 3],
    ['10.01', 4],
  ])('%s has %i', (text, digits) => {
    expect(significantDigits(text)).toBe(digits);
  });
});
