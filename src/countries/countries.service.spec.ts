import { describe, expect, it } from '@jest/globals';
import { currencyCode, type CurrencyCode } from '../../libs/money/currency.js';
import { ChartCoverage, type SeriesState } from './chart-coverage.js';
import { CountriesService } from './countries.service.js';
import { allCountries } from './country-facts.js';

class FixedCoverage extends ChartCoverage {
  constructor(private readonly known: Record<string, SeriesState>) {
    super();
  }

  override states(): Promise<ReadonlyMap<CurrencyCode, SeriesState>> {
    return Promise.resolve(
      new Map(Object.entries(this.known).map(([currency, state]) => [currencyCode(currency), state])),
    );
  }
}

function service(known: Record<string, SeriesState> = {}): CountriesService {
  return new CountriesService(new FixedCoverage(known));
}

describe('CountriesService', () => {
  it('lists what a chooser of countries needs, and nothing else', async () => {
    const listed = await service({ KRW: 'available' }).list('ko');
    expect(listed).toHaveLength(250);
    expect(listed.find(({ code }) => code === 'KR')).toEqual({
      code: 'KR',
      name: '대한민국',
      currency: 'KRW',
      currencies: ['KRW'],
      chart: 'available',
    });
  });

  it.each([
    ['KR', 'available'],
    ['US', 'is_usd'],
    ['EC', 'is_usd'],
    ['AE', 'pegged'], // although there is a series
    ['PA', 'pegged'],
    ['RU', 'discontinued'],
    ['KP', 'none'],
  ])('tells what a chart for %s would be: %s', async (code, chart) => {
    const listed = await service({ KRW: 'available', AED: 'available', USD: 'available', RUB: 'discontinued' }).list(
      'en',
    );
    expect(listed.find((entry) => entry.code === code)?.chart).toBe(chart);
  });

  it('works while no rates are loaded', async () => {
    const charts = new Set((await service().list('en')).map(({ chart }) => chart));
    expect([...charts].sort()).toEqual(['is_usd', 'none', 'pegged']);
  });

  it('hands on the failure of whoever holds the rates', async () => {
    const broken = new CountriesService({ states: () => Promise.reject(new Error('store closed')) });
    await expect(broken.list('en')).rejects.toThrow('store closed');
  });

  it('answers for every country that its everyday currency is one of its own', () => {
    const countries = service();
    for (const { code } of allCountries()) {
      const everyday = countries.everydayCurrency(code)!;
      expect(countries.hasCurrency(code, everyday)).toBe(true);
      expect(countries.currenciesOf(code)[0]).toBe(everyday);
      expect(countries.hasCurrency(code, 'XXX')).toBe(false);
    }
  });

  it('takes codes in any case', () => {
    expect(service().find('pA')?.code).toBe('PA');
    expect(service().hasCurrency('pa', 'uSd')).toBe(true);
    expect(service().everydayCurrency('bg')).toBe('EUR');
  });

  it('knows nothing of unknown countries', () => {
    expect(service().find('ZZ')).toBeUndefined();
    expect(service().currenciesOf('ZZ')).toEqual([]);
    expect(service().hasCurrency('ZZ', 'USD')).toBe(false);
    expect(service().everydayCurrency('')).toBeUndefined();
  });

  it('reads the language from the header', () => {
    expect(service().localeFor('ko;q=0.4, de-AT')).toBe('de-AT');
    expect(service().localeFor('%%%')).toBe('en');
    expect(service().localeFor(undefined)).toBe('en');
  });
});
