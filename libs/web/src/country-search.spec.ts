import { describe, expect, it } from '@jest/globals';
import { fold, searchCountries } from './country-search.js';

/** The last two names are those of the currency. */
const country = (code: string, currency: string, ...names: string[]) => ({
  code,
  currency,
  charted: code !== 'KP',
  names: names.slice(0, -2),
  currencyNames: names.slice(-2),
});

const countries = [
  country('CZ', 'CZK', '체코', 'Czechia', '체코 코루나', 'Czech koruna'),
  country('CI', 'XOF', 'Côte d’Ivoire', 'CFA-Franc (BCEAO)', 'West African CFA franc'),
  country('GQ', 'XAF', 'Equatorial Guinea', 'CFA-Franc (BEAC)', 'Central African CFA franc'),
  country('GN', 'GNF', 'Guinea', 'Guinea-Franc', 'Guinean franc'),
  country('KP', 'KPW', '북한', 'North Korea', '조선 민주주의 인민 공화국 원', 'North Korean won'),
  country('KR', 'KRW', '대한민국', '한국', 'South Korea', '대한민국 원', 'South Korean won'),
  country('TR', 'TRY', 'Türkiye', 'Türkische Lira', 'Turkish lira'),
];

const found = (text: string): string[] => searchCountries(countries, text).map(({ code }) => code);

describe('searchCountries', () => {
  it('gives all for empty text', () => {
    expect(found('  ')).toHaveLength(countries.length);
  });

  it('puts names that begin with the text before those that only contain the word', () => {
    expect(found('guinea')).toEqual(['GN', 'GQ']);
  });

  it('puts names of countries before those of currencies', () => {
    expect(found('kor')).toEqual(['KR', 'KP', 'CZ']);
  });

  it('puts an exact code first', () => {
    expect(found('try')[0]).toBe('TR');
    expect(found('kr')[0]).toBe('KR');
  });

  it('puts a country that can be charted before one that matches alike', () => {
    expect(found('korea')).toEqual(['KR', 'KP']);
    expect(found('north korea')).toEqual(['KP']);
  });

  it.each([
    ["cote d'iv", 'CI'],
    ['turkiye', 'TR'],
    ['대한', 'KR'],
    ['한국', 'KR'],
    ['korea', 'KR'],
    ['won', 'KR'],
  ])('finds %s', (text, code) => {
    expect(found(text)).toContain(code);
  });

  it('finds nothing for what is not there, and takes signs literally', () => {
    expect(found('atlantis')).toEqual([]);
    expect(found('.*')).toEqual([]);
  });
});

describe('fold', () => {
  it('keeps Korean syllables whole', () => {
    expect(fold('대한민국')).toBe('대한민국');
  });
});
