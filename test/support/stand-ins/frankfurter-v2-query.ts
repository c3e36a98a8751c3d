import { isRealDay, plusYears } from './days.js';
import { codeList, Refusal } from './frankfurter-http.js';

export interface ProviderFacts {
  readonly key: string;
  readonly name: string;
  readonly country_code: string;
  readonly rate_type: string;
  readonly pivot_currency: string;
  readonly publish_cadence: string;
}

/** Of the many central banks this stand-in has two: the ECB, and one that also publishes at weekends and for every currency. */
export const PROVIDERS: readonly ProviderFacts[] = [
  {
    key: 'ECB',
    name: 'European Central Bank',
    country_code: 'EU',
    rate_type: 'reference rate',
    pivot_currency: 'EUR',
    publish_cadence: 'daily',
  },
  {
    key: 'NBU',
    name: 'National Bank of Ukraine',
    country_code: 'UA',
    rate_type: 'official rate',
    pivot_currency: 'UAH',
    publish_cadence: 'daily',
  },
];

export type When =
  | { readonly kind: 'latest' }
  | { readonly kind: 'day'; readonly date: string }
  | { readonly kind: 'range'; readonly from: string; readonly to: string };

export interface RatesQuery {
  readonly base: string;
  readonly quotes: readonly string[] | undefined;
  readonly providers: readonly string[] | undefined;
  readonly when: When;
  readonly group: 'week' | 'month' | undefined;
  readonly expandProviders: boolean;
}

const RATES_PARAMETERS = ['base', 'quotes', 'providers', 'date', 'from', 'to', 'group', 'expand'];
const KNOWN_CODES = new Set([
  ...Intl.supportedValuesOf('currency'),
  'VES',
  'XCG',
  'ZWG',
  'SLE',
  'GGP',
  'JEP',
  'IMP',
  'FKP',
]);

/** The parameters of `/v2/rates`, checked in the order of the real one. Throws Refusal 422. */
export function ratesQuery(query: Readonly<Record<string, string>>, today: string): RatesQuery {
  refuseUnknown(query, RATES_PARAMETERS);
  const { date, from, to } = query;
  for (const day of [date, from, to]) {
    if (day !== undefined && !isRealDay(day)) throw new Refusal(422, 'invalid date');
  }
  if (date !== undefined && (from !== undefined || to !== undefined)) throw new Refusal(422, 'conflicting params');
  const group = query.group?.toLowerCase();
  if (group !== undefined && group !== 'week' && group !== 'month') throw new Refusal(422, 'invalid group');
  const expand = query.expand?.toLowerCase().split(',') ?? [];
  const unknown = expand.filter((word) => word !== 'providers');
  if (unknown.length > 0) throw new Refusal(422, `invalid expand: ${unknown.join(',')}`);
  const base = query.base?.toUpperCase() ?? 'EUR';
  const quotes = codeList(query.quotes);
  refuseUnknownCodes([base, ...(quotes ?? [])]);
  const providers = codeList(query.providers);
  const when = whenOf(date, from, to, today);
  if (when.kind === 'range' && group === undefined) refuseLongRange(when, providers, quotes);
  return { base, quotes, providers, when, group, expandProviders: expand.includes('providers') };
}

export function refuseUnknown(query: Readonly<Record<string, string>>, known: readonly string[]): void {
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Refusal(422, `unknown parameter: ${unknown.join(', ')}`);
}

function refuseUnknownCodes(codes: readonly string[]): void {
  const invalid = codes.filter((code) => !KNOWN_CODES.has(code));
  if (invalid.length > 0) throw new Refusal(422, `invalid currency: ${invalid.join(',')}`);
}

/** `to` without `from` counts for nothing, as in the real one. */
function whenOf(date: string | undefined, from: string | undefined, to: string | undefined, today: string): When {
  if (date !== undefined) return { kind: 'day', date };
  if (from !== undefined) return { kind: 'range', from, to: to ?? today };
  return { kind: 'latest' };
}

function refuseLongRange(
  { from, to }: { from: string; to: string },
  providers: readonly string[] | undefined,
  quotes: readonly string[] | undefined,
): void {
  if (!providers || to <= plusYears(from, 5)) return;
  const few = providers.length <= 5 && quotes !== undefined && quotes.length > 0 && quotes.length <= 5;
  if (!few)
    throw new Refusal(
      422,
      'daily range with providers is limited to 5 years; use group, or up to 5 providers and 5 quotes',
    );
}
