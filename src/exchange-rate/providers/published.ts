import { parseCurrencyCode, type CurrencyCode } from '../../../libs/money/currency.js';
import { parsePositiveDecimal } from '../../../libs/money/decimal.js';
import { type IsoDate, parseIsoDate } from '../../platform/time/iso-date.js';
import { ProviderError, shown } from './provider-error.js';
import type { ObservationRequest } from './rate-provider.js';

/** Checks of single fields that all sources share. Each throws ProviderError `malformed`. */

export function publishedDate(provider: string, text: unknown): IsoDate {
  const date = typeof text === 'string' ? parseIsoDate(text) : undefined;
  if (date === undefined) throw new ProviderError(provider, 'malformed', `no date: ${shown(text)}`);
  return date;
}

export function publishedCode(provider: string, text: unknown): CurrencyCode {
  const code = typeof text === 'string' ? parseCurrencyCode(text) : undefined;
  if (code === undefined) throw new ProviderError(provider, 'malformed', `no currency code: ${shown(text)}`);
  return code;
}

/** The rate as positive decimal text, digits as published; an exponent is written out. */
export function publishedRate(provider: string, text: string | undefined, date: IsoDate, quote: CurrencyCode): string {
  const rate = text === undefined ? undefined : parsePositiveDecimal(text);
  if (rate === undefined) {
    throw new ProviderError(provider, 'malformed', `no positive rate of ${quote} on ${date}: ${shown(text ?? null)}`);
  }
  return rate;
}

export function isWanted({ from, to, quotes }: ObservationRequest, date: IsoDate, quote: CurrencyCode): boolean {
  return date >= from && date <= to && (quotes === undefined || quotes.includes(quote));
}
