import { describe, expect, it } from '@jest/globals';
import { flagEmoji } from './flag.js';
import { Formats } from './formats.js';
import { languageOf } from './messages.js';

const en = new Formats('en-US');
const de = new Formats('de-DE');

describe('Formats', () => {
  it('writes rates with the decimals they were served with', () => {
    expect(en.rate(1489.95, 2)).toBe('1,489.95');
    expect(en.rate(1489.9, 2)).toBe('1,489.90');
    expect(de.rate(1489.95, 2)).toBe('1.489,95');
    expect(en.rate(0.000023, 6)).toBe('0.000023');
  });

  it('writes changes with their sign, zero without', () => {
    expect(en.signed(12.3, 2)).toBe('+12.30');
    expect(en.signed(-0.5, 2)).toBe('-0.50');
    expect(en.percent(4.8123)).toBe('+4.81%');
    expect(en.percent(0)).toBe('0.00%');
    expect(en.signed(-0.001, 2)).toBe('0.00');
  });

  it('writes a plain date as that very day, in every time zone', () => {
    expect(en.date('2026-04-13')).toBe('April 13, 2026');
    expect(en.date('2026-04-13', 'medium')).toBe('Apr 13, 2026');
  });

  it.each([
    [0, '1 second'],
    [40, '40 seconds'],
    [61, '2 minutes'],
    [3_599, '60 minutes'],
    [7_200, '2 hours'],
  ])('tells %d seconds as %s, never too few', (seconds, text) => {
    expect(en.duration(seconds)).toBe(text);
  });

  it('shows text that is no date, and codes that are none, as they are', () => {
    expect(en.date('nonsense')).toBe('nonsense');
    expect(en.currencyName('QQQ')).toBe('QQQ');
    expect(en.countryName('not a code')).toBe('not a code');
    expect(en.currencyName('KRW')).toMatch(/won/i);
    expect(new Formats('ko').shortCountryName('KR')).toBe('한국');
    expect(new Formats('ko').shortCountryName('not a code')).toBe('not a code');
  });
});

describe('languageOf', () => {
  it.each([
    ['ko', 'ko'],
    ['ko-KR', 'ko'],
    ['en-GB', 'en'],
    ['kok-IN', 'en'],
    ['de', 'en'],
  ])('%s reads %s', (locale, language) => {
    expect(languageOf(locale)).toBe(language);
  });
});

describe('flagEmoji', () => {
  it('is the two letters as regional indicators', () => {
    expect(flagEmoji('kr')).toBe('🇰🇷');
  });
});
