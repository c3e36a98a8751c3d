import { type CurrencyCode, parseCurrencyCode } from '../../libs/money/currency.js';
import { NotFound } from '../platform/errors/errors.js';
import { DISCONTINUED } from './domain/discontinued.js';

/** Codes that exist, by the Unicode CLDR, or existed, which it knows of few; the rest is a slip of the pen. */
const KNOWN: ReadonlySet<string> = new Set([
  ...Intl.supportedValuesOf('currency'),
  ...DISCONTINUED.map(({ currency }) => currency),
  ...['SLE', 'VED', 'XCG', 'ZWG'],
]);

export function isKnownCurrency(code: CurrencyCode): boolean {
  return KNOWN.has(code);
}

/** The code in upper case, or undefined where there is no such currency. */
export function knownCurrency(text: string): CurrencyCode | undefined {
  const code = parseCurrencyCode(text);
  return code !== undefined && KNOWN.has(code) ? code : undefined;
}

/** The currency of a path or query, in any case. `field` names it for the caller. */
export function requireKnownCurrency(text: string, field: 'quote' | 'base' | 'from' | 'to'): CurrencyCode {
  const code = knownCurrency(text);
  if (code !== undefined) return code;
  throw new NotFound('currency_unknown', {
    detail: 'This is no ISO 4217 currency code.',
    errors: [{ field, message: 'is no ISO 4217 currency code, such as KRW' }],
  });
}
