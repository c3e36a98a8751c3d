import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../platform/errors/errors.js';
import { expiryOf } from './credential-rules.js';

const NOW = new Date('2028-02-29T12:00:00Z');

function refusal(text: string): unknown {
  try {
    return expiryOf(text, NOW).toISOString();
  } catch (error) {
    return error instanceof AppError ? error.errors : error;
  }
}

describe('when a credential ends', () => {
  it.each([
    ['2028-02-29T12:00:00.001Z', '2028-02-29T12:00:00.001Z'],
    ['2029-01-01T00:00:00z', '2029-01-01T00:00:00.000Z'],
    ['2029-01-01t00:00:00Z', '2029-01-01T00:00:00.000Z'],
    ['2029-01-01T00:00:00.5+09:00', '2028-12-31T15:00:00.500Z'],
    ['2029-01-01T00:00:00.123456789-11:30', '2029-01-01T11:30:00.123Z'],
    ['2033-03-01T12:00:00Z', '2033-03-01T12:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(refusal(text)).toBe(instant);
  });

  it.each([
    '2028-02-29T12:00:00Z',
    '2028-02-29T13:00:00+01:00',
    '1970-01-01T00:00:00Z',
    '2033-03-01T12:00:00.001Z',
    '9999-12-31T23:59:59Z',
    '2029-02-29T00:00:00Z',
    '2029-13-01T00:00:00Z',
    '2029-01-01T24:00:00Z',
    '2029-01-01T00:60:00Z',
    '2029-01-01T00:00:00',
    '2029-01-01 00:00:00Z',
    '2029-01-01T00:00Z',
    '2029-01-01',
    '2029-01-01T00:00:00Z[UTC]',
    '2029-01-01T00:00:00+25:00',
    '+002029-01-01T00:00:00Z',
    '٢٠٢٩-01-01T00:00:00Z',
    '1861920000',
    '',
    ' 2029-01-01T00:00:00Z',
    '2029-01-01T00:00:00Z\n',
  ])('is refused as %j', (text) => {
    expect(refusal(text)).toEqual([{ field: 'expiresAt', message: expect.any(String) }]);
  });

  it('is any instant of the next five years', () => {
    const latest = new Date('2033-03-01T12:00:00Z');
    const instant = fc.date({ min: new Date(NOW.getTime() + 1), max: latest, noInvalidDate: true });
    fc.assert(fc.property(instant, (date) => expect(expiryOf(date.toISOString(), NOW)).toEqual(date)));
  });
});
