import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { preferredLanguages } from './accept-language.js';

describe('preferredLanguages', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['ko', ['ko']],
    ['ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7', ['ko-KR', 'ko', 'en-US', 'en']],
    ['en;q=0.5, de ; q=0.8 ,fr;q=0.9', ['fr', 'de', 'en']],
    ['de, fr', ['de', 'fr']],
    ['fr;q=0, de;q=0.001', ['de']],
    ['*', ['en']],
    ['de;q=0.5, *;q=0.1', ['de', 'en']],
    ['*;q=0', []],
    ['DE-at, zh-hant-tw', ['de-AT', 'zh-Hant-TW']],
    ['de-u-co-phonebk', ['de']],
    ['de;Q=1.000', ['de']],
    ['en_US, de;q=2, fr;q=-1, it;q=high, es;level=1, i-klingon, x, a-, -, 12345678901, ja', ['ja']],
    [',,, ;q=1, ja;', []],
    ['de\u0000, ﷽, ja', ['ja']],
  ])('reads %j as %j', (header, languages) => {
    expect(preferredLanguages(header)).toEqual(languages);
  });

  it('ignores a header of unreasonable length and keeps to twenty languages', () => {
    expect(preferredLanguages('de,'.repeat(334))).toEqual([]);
    expect(preferredLanguages(Array(100).fill('de').join(','))).toHaveLength(20);
  });

  const range = fc.tuple(
    fc.stringMatching(/^(\*|[A-Za-z0-9-]{1,12})$/),
    fc.constantFrom('', ';q=1', ';q=0.3', ';q=', '; q=0', ';q=9'),
  );
  const nearHeader = fc.array(range.map(([tag, weight]) => tag + weight)).map((ranges) => ranges.join(','));

  it('never throws, and answers canonical tags only', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 1200 }), nearHeader), (header) => {
        const languages = preferredLanguages(header);
        expect(languages.length).toBeLessThanOrEqual(20);
        expect(languages.map((tag) => Intl.getCanonicalLocales(tag)[0])).toEqual(languages);
      }),
    );
  });
});
