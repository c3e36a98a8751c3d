import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { ConversionQuery } from './conversion.dto.js';

const refusedFields = (query: object) =>
  validateSync(plainToInstance(ConversionQuery, { from: 'EUR', to: 'KRW', amount: '1', ...query })).map(
    ({ property }) => property,
  );

describe('an amount', () => {
  it.each(['0', '0.00', '1', '1234.50', '999999999999999.9999999999', '0.0000000001'])('may be %s', (amount) => {
    expect(refusedFields({ amount })).toEqual([]);
  });

  const refused: [amount: unknown, what: string][] = [
    ['', 'nothing'],
    ['-1', 'negative'],
    ['-0', 'a negative zero'],
    ['+1', 'with a plus'],
    ['1e400', 'an exponent'],
    ['1E2', 'a large exponent sign'],
    ['١٢٣', 'Arabic digits'],
    ['１２３', 'full-width digits'],
    ['9'.repeat(200), '200 digits'],
    ['9'.repeat(16), '16 digits before the point'],
    ['0.00000000001', '11 digits after the point'],
    [' 1', 'a space before'],
    ['1 ', 'a space after'],
    ['1\n', 'a line end'],
    ['1 000', 'a space between'],
    ['1,000', 'a comma'],
    ['1.000.000', 'two points'],
    ['1.', 'a point at the end'],
    ['.5', 'a point at the start'],
    ['007', 'leading zeros'],
    ['0x10', 'hexadecimal'],
    ['NaN', 'no number'],
    ['Infinity', 'infinity'],
    [['1', '2'], 'two of them'],
    [{ gt: '1' }, 'an object'],
    [undefined, 'absent'],
  ];
  it.each(refused)('may not be %j: %s', (amount, _what) => {
    expect(refusedFields({ amount })).toEqual(['amount']);
  });

  it('is checked in no time, however long it is', () => {
    expect(refusedFields({ amount: `${'1'.repeat(1_000_000)}x` })).toEqual(['amount']);
  });
});
