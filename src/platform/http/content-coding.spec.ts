import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chosenCoding } from './content-coding.js';

describe('the coding of an answer', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['GZip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br ; q=1.000 , gzip;q=0.999', 'br'],
    ['br;q=0', undefined],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['*;q=0, gzip;q=0.1', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity;q=0', undefined],
    ['br;q=2, gzip', 'gzip'],
    ['br;q=nonsense', undefined],
    ['br;level=3', undefined],
    [`br, ${'x'.repeat(400)}`, undefined],
  ])('of %j is %s', (header, coding) => {
    expect(chosenCoding(header)).toBe(coding);
    // The same from memory.
    expect(chosenCoding(header)).toBe(coding);
  });

  it('is never one that was refused, whatever else is said', () => {
    const quality = fc.constantFrom('', ';q=0', ';q=0.3', ';q=1');
    const part = fc.tuple(fc.constantFrom('gzip', 'identity', '*', 'deflate'), quality).map((pair) => pair.join(''));
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(chosenCoding([...parts, 'br;q=0'].join(','))).not.toBe('br');
      }),
    );
  });
});
