import { Injectable } from '@nestjs/common';
import type { CurrencyCode } from '../../libs/money/currency.js';
import { ReadyBody } from '../platform/http/ready-body.js';
import { preferredLanguages } from './accept-language.js';
import { ChartCoverage, type SeriesState } from './chart-coverage.js';
import type { ChartState, CountryEntry } from './country-entry.js';
import { allCountries, findCountry, type Country } from './country-facts.js';
import { CountryNames } from './country-names.js';
import { USD, usdPegOf } from './currency-facts.js';

/** Lists held as bytes, some 60 KB each: the languages that real visitors ask for. */
const READY_LOCALES = 100;

type States = ReadonlyMap<CurrencyCode, SeriesState>;

/** What we know of countries and their money. Country codes are taken in any case. */
@Injectable()
export class CountriesService {
  private readonly names = new CountryNames(allCountries());
  /** By locale, the one made longest ago first, with the states that it tells. */
  private readonly made = new Map<string, { states: States; body: ReadyBody }>();

  constructor(private readonly coverage: ChartCoverage) {}

  /** The locale to answer in for an `Accept-Language` header: English for an absent, unknown or malformed one. */
  localeFor(acceptLanguage: string | undefined): string {
    return this.names.localeFor(preferredLanguages(acceptLanguage));
  }

  /** Every country, named in that locale and in its alphabet's order. */
  async list(locale: string): Promise<CountryEntry[]> {
    return this.entries(locale, await this.coverage.states());
  }

  /** The same as bytes. */
  async ready(locale: string): Promise<ReadyBody> {
    const states = await this.coverage.states();
    const before = this.made.get(locale);
    if (before?.states === states) return before.body;
    const body = ReadyBody.json(this.entries(locale, states)).orSame(before?.body);
    this.made.delete(locale);
    this.made.set(locale, { states, body });
    const [oldest] = this.made.keys();
    if (this.made.size > READY_LOCALES && oldest !== undefined) this.made.delete(oldest);
    return body;
  }

  private entries(locale: string, states: States): CountryEntry[] {
    return this.names.sorted(locale).map(({ country: { code, currency, currencies }, name }) => {
      return { code, name, currency, currencies, chart: chartOf(currency, states) };
    });
  }

  find(code: string): Country | undefined {
    return findCountry(code);
  }

  /** The everyday one first; none for an unknown country. */
  currenciesOf(code: string): readonly CurrencyCode[] {
    return findCountry(code)?.currencies ?? [];
  }

  /** Whether the currency, in any case, is one of that country's. */
  hasCurrency(code: string, currency: string): boolean {
    return this.currenciesOf(code).some((own) => own === currency.toUpperCase());
  }

  everydayCurrency(code: string): CurrencyCode | undefined {
    return findCountry(code)?.currency;
  }
}

/** A recorded peg goes before a series: the parity is all that such a chart could show. */
function chartOf(currency: CurrencyCode, states: States): ChartState {
  if (currency === USD) return 'is_usd';
  if (usdPegOf(currency) !== undefined) return 'pegged';
  return states.get(currency) ?? 'none';
}
