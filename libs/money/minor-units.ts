import type { CurrencyCode } from './currency.js';

/**
 * Decimals of a currency's amounts by ISO 4217, list one (SIX Financial Information, the standard's maintenance agency);
 * two where not listed here. A table of our own because `Intl.NumberFormat` follows CLDR, which says how amounts are
 * usually shown (HUF and IDR without decimals), not how they are settled. MRU and MGA divide by five; the standard says 2.
 */
const MINOR_UNITS: Readonly<Record<number, readonly string[]>> = {
  0: [
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ],
  3: ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'],
  4: ['CLF', 'UYW'],
};

const USUAL = 2;

const byCode = new Map(
  Object.entries(MINOR_UNITS).flatMap(([units, codes]) => codes.map((code) => [code, Number(units)] as const)),
);

/** How many decimals an amount of this currency has: 0, 2, 3 or 4. */
export function minorUnits(currency: CurrencyCode): number {
  return byCode.get(currency) ?? USUAL;
}
