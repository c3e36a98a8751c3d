import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Fraction } from './fraction.js';

/** Plain decimal text of up to 12 digits with up to 10 decimals, either sign. */
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: 0, max: 10 }))
  .map(([unscaled, decimals]) => textOf(unscaled, decimals));
const nonZero = decimal.filter((text) => /[1-9]/.test(text));

describe('Fraction', () => {
  it('is the product of the numerators over that of the denominators, with nothing lost', () => {
    expect(Fraction.of(['1.10', '3'], ['0.3']).toFixed(0)).toBe('11');
    expect(
      Fraction.of(['1'], ['3'])
        .times(Fraction.of(['3']))
        .compare(Fraction.of(['1'])),
    ).toBe(0);
  });

  it.each([
    ['0.5', 0, '0'],
    ['1.5', 0, '2'],
    ['2.5', 0, '2'],
    ['-2.5', 0, '-2'],
    ['-3.5', 0, '-4'],
    ['2.50000000000000000000000000001', 0, '3'],
    ['2.49999999999999999999999999999', 0, '2'],
    ['0.00005', 4, '0.0000'],
    ['-0.00005', 4, '0.0000'],
    ['0.00015', 4, '0.0002'],
    ['7', 2, '7.00'],
  ])('%s to %i decimals is %s', (text, decimals, expected) => {
    expect(Fraction.of([text]).toFixed(decimals)).toBe(expected);
  });

  it.each([
    ['1234565', 6, '1234560'],
    ['1234575', 6, '1234580'],
    ['999999.5', 6, '1000000'],
    ['0.9999995', 6, '1'],
    ['0.00012345650', 6, '0.000123456'],
    ['0.00012345651', 6, '0.000123457'],
    ['100', 6, '100'],
    ['1.50', 6, '1.5'],
    ['-0.0155', 2, '-0.016'],
    ['0.00', 3, '0'],
  ])('%s to %i significant digits is %s', (text, digits, expected) => {
    expect(Fraction.of([text]).toSignificant(digits)).toBe(expected);
  });

  it('sees that a quotient is no tie although its first twenty digits look like one', () => {
    // 2.5 and 1/3 × 10^-25 more, which a division to 20 decimals would cut off.
    const almost = Fraction.of(['2.5']).plus(Fraction.of(['1'], ['30000000000000000000000000']));
    expect(almost.toFixed(0)).toBe('3');
  });

  it('reaches beyond doubles', () => {
    const digits = `1${'0'.repeat(400)}`;
    expect(Fraction.of([digits, '1.5'], ['7']).toSignificant(3)).toBe(`214${'0'.repeat(397)}`);
    expect(Fraction.of(['3'], [digits]).toSignificant(3)).toBe(`0.${'0'.repeat(399)}3`);
  });

  it.each(['', '1e3', '1.', '.5', '+1', '1,5', ' 1', 'NaN', '0x10', '1\n'])('refuses %j', (text) => {
    expect(() => Fraction.of([text])).toThrow(RangeError);
  });

  it('refuses to divide by zero, and to round to no number of digits', () => {
    expect(() => Fraction.of(['1'], ['0.00'])).toThrow('division by zero');
    expect(() => Fraction.of(['1']).dividedBy(Fraction.of(['0']))).toThrow('division by zero');
    expect(() => Fraction.of(['1']).toSignificant(0)).toThrow(RangeError);
    expect(() => Fraction.of(['1']).toFixed(-1)).toThrow(RangeError);
    expect(() => Fraction.of(['1']).toFixed(1.5)).toThrow(RangeError);
  });

  it('law: toFixed is the nearest decimal, and of two equally near the even one', () => {
    fc.assert(
      fc.property(
        fc.array(decimal, { maxLength: 3 }),
        nonZero,
        fc.integer({ min: 0, max: 8 }),
        (above, below, decimals) => {
          const exact = Fraction.of(above, [below]);
          const rounded = BigInt(exact.toFixed(decimals).replace('.', ''));
          const twiceOff = 2n * (rounded * exact.denominator - exact.numerator * 10n ** BigInt(decimals));
          const distance = twiceOff < 0n ? -twiceOff : twiceOff;
          expect(distance <= exact.denominator).toBe(true);
          if (distance === exact.denominator) expect(rounded % 2n).toBe(0n);
        },
      ),
    );
  });

  it('law: a tie goes to the even neighbour whatever its size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 20 }), (neighbour, decimals) => {
        const tie = textOf(neighbour * 10n + 5n, decimals + 1);
        const even = neighbour % 2n === 0n ? neighbour : neighbour + 1n;
        expect(Fraction.of([tie]).toFixed(decimals)).toBe(textOf(even, decimals));
      }),
    );
  });

  it('law: toSignificant is toFixed at the place of the last of the digits', () => {
    fc.assert(
      fc.property(nonZero, nonZero, fc.integer({ min: 1, max: 15 }), (above, below, digits) => {
        const exact = Fraction.of([above], [below]);
        const size = exact.compare(Fraction.of(['0'])) < 0 ? Fraction.of(['-1']).times(exact) : exact;
        // The place of the first digit that is not zero, found by trying.
        let place = 40;
        while (size.compare(powerOfTen(place)) < 0) place -= 1;
        const decimals = digits - 1 - place;
        const expected = decimals >= 0 ? exact.toFixed(decimals) : exact.times(powerOfTen(decimals)).toFixed(0);
        const rounded = exact.toSignificant(digits);
        const shift = decimals >= 0 ? powerOfTen(0) : powerOfTen(-decimals);
        expect(Fraction.of([rounded]).compare(Fraction.of([expected]).times(shift))).toBe(0);
      }),
    );
  });

  it('law: plus and minus, times and dividedBy undo each other', () => {
    fc.assert(
      fc.property(decimal, nonZero, (a, b) => {
        const [left, right] = [Fraction.of([a]), Fraction.of([b])];
        expect(left.plus(right).minus(right).compare(left)).toBe(0);
        expect(left.times(right).dividedBy(right).compare(left)).toBe(0);
      }),
    );
  });
});

function powerOfTen(exponent: number): Fraction {
  const power = `1${'0'.repeat(Math.abs(exponent))}`;
  return exponent >= 0 ? Fraction.of([power]) : Fraction.of(['1'], [power]);
}

function textOf(unscaled: bigint, decimals: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = unscaled
    .toString()
    .replace('-', '')
    .padStart(decimals + 1, '0');
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
