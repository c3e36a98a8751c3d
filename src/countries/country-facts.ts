import { countries as listedCountries } from 'countries-list';
import usualCurrencies from 'country-to-currency';
import { currencyCode, type CurrencyCode } from '../../libs/money/currency.js';
import { isEverydayMoney } from './currency-facts.js';

/** An ISO 3166-1 alpha-2 code in upper case, or `XK` for Kosovo, of a territory that we know. */
export type CountryCode = string & { readonly __countryCode: unique symbol };

export interface Country {
  readonly code: CountryCode;
  /** The currency that people there reckon in day by day: the first of `currencies`. */
  readonly currency: CurrencyCode;
  /** Every currency in general use there, the everyday one first, none twice. */
  readonly currencies: readonly CurrencyCode[];
}

interface Correction {
  readonly currencies: readonly string[];
  readonly because: string;
}

/** Listed by the package, but only reserved in ISO 3166-1, as parts of Saint Helena (SH). */
const NOT_IN_ISO_3166 = new Set(['AC', 'TA']);

/** Where the packages are wrong or incomplete. Everything else is theirs: see {@link currenciesIn}. */
const CORRECTIONS: Readonly<Record<string, Correction>> = {
  AQ: { currencies: ['USD'], because: 'ISO 4217 names no currency; the largest station reckons in dollars' },
  CU: { currencies: ['CUP', 'USD'], because: 'the state runs shops that take dollars in cash, beside the peso (2025)' },
  EH: { currencies: ['MAD'], because: 'ISO 4217 names the dirham alone' },
  GS: { currencies: ['GBP'], because: 'the territory keeps its accounts and its post office in sterling' },
  LR: { currencies: ['LRD', 'USD'], because: 'both are legal tender' },
  PS: { currencies: ['ILS', 'JOD', 'USD'], because: 'all three circulate (Paris Protocol of 1994, article IV)' },
};

const territories: ReadonlyMap<string, Country> = new Map(
  Object.entries(listedCountries)
    .filter(([code]) => !NOT_IN_ISO_3166.has(code))
    .map(([code, listed]) => [
      code,
      country(code, CORRECTIONS[code]?.currencies ?? currenciesIn(code, listed.currency)),
    ]),
);

/** All territories: the 249 of ISO 3166-1, and Kosovo. */
export function allCountries(): readonly Country[] {
  return [...territories.values()];
}

/** The territory of this code, written in any case. */
export function findCountry(code: string): Country | undefined {
  return /^[A-Za-z]{2}$/.test(code) ? territories.get(code.toUpperCase()) : undefined;
}

/** country-to-currency knows the usual one of each country, countries-list the further ones. */
function currenciesIn(code: string, listed: readonly string[]): string[] {
  const usual: string | undefined = (usualCurrencies as Readonly<Record<string, string>>)[code];
  return [...new Set([...(usual === undefined ? [] : [usual]), ...listed])].filter(isEverydayMoney);
}

function country(code: string, codes: readonly string[]): Country {
  const [currency, ...others] = codes.map(currencyCode);
  if (currency === undefined) throw new RangeError(`no currency is known for the country ${code}`);
  return { code: code as CountryCode, currency, currencies: [currency, ...others] };
}
