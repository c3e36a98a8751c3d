import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { preferredLanguages } from './accept-language.js';
import { allCountries } from './country-facts.js';
import { CountryNames } from './country-names.js';

const names = new CountryNames(allCountries());

function nameOf(code: string, language: string): string | undefined {
  return names.sorted(language).find(({ country }) => country.code === code)?.name;
}

describe('CountryNames', () => {
  it.each([
    ['en', 'South Korea', 'Germany', 'Kosovo'],
    ['ko', '대한민국', '독일', '코소보'],
    ['de', 'Südkorea', 'Deutschland', 'Kosovo'],
    ['ja', '韓国', 'ドイツ', 'コソボ'],
  ])('speaks %s', (language, korea, germany, kosovo) => {
    expect(['KR', 'DE', 'XK'].map((code) => nameOf(code, language))).toEqual([korea, germany, kosovo]);
  });

  it.each(['en', 'ko', 'de', 'sv', 'zh-Hant', 'ar', 'lg'])(
    'names every country in %s, in the order of its alphabet',
    (language) => {
      const listed = names.sorted(language).map(({ name }) => name);
      expect(listed).toHaveLength(250);
      expect(listed.every((name) => name.length > 2 || !/^[A-Z]{2}$/.test(name))).toBe(true);
      expect(listed).toEqual([...listed].sort(new Intl.Collator(language).compare));
    },
  );

  it('sorts as the language does: Åland is among the A in German, last but for Ö in Swedish', () => {
    const place = (language: string): number =>
      names.sorted(language).findIndex(({ country }) => country.code === 'AX');
    expect(place('de')).toBeLessThan(20);
    expect(place('sv')).toBeGreaterThan(240);
  });

  it.each([
    [[], 'en'],
    [['ko-KR', 'en'], 'ko-KR'],
    [['ko-XX'], 'ko'],
    [['tlh', 'und', 'de'], 'de'],
    [['tlh'], 'en'],
    [['kl', 'da'], 'da'], // ICU has the locale, but no Greenlandic country names
    [['iw'], 'he'],
    [['zh-TW'], 'zh-TW'],
  ])('answers a wish for %j in %s', (languages, locale) => {
    expect(names.localeFor(languages)).toBe(locale);
  });

  it('falls back to English for a language without names, and for the single name that a language lacks', () => {
    expect(nameOf('KR', 'kl')).toBe('South Korea');
    expect([nameOf('DE', 'lg'), nameOf('XK', 'lg')]).toEqual(['Budaaki', 'Kosovo']);
  });

  it('holds a bounded number of locales and rebuilds a forgotten one alike', () => {
    const own = new CountryNames(allCountries());
    const first = own.sorted('ko');
    expect(own.sorted('ko')).toBe(first);
    for (let region = 0; region < 26 * 26; region++) {
      own.localeFor([`en-${String.fromCharCode(65 + Math.floor(region / 26), 65 + (region % 26))}`]);
    }
    expect(own.sorted('ko')).not.toBe(first);
    expect(own.sorted('ko')).toEqual(first);
  });

  it('answers any header in a locale that it can speak', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        const locale = names.localeFor(preferredLanguages(header));
        expect(names.localeFor([locale])).toBe(locale);
        expect(names.sorted(locale)).toHaveLength(250);
      }),
    );
  });
});
