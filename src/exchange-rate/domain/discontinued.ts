import { currencyCode, type CurrencyCode } from '../../../libs/money/currency.js';
import { isoDate, type IsoDate } from '../../platform/time/iso-date.js';

/** A currency that was closed: a recorded fact, not the silence of a source. */
export interface Discontinued {
  readonly currency: CurrencyCode;
  /** The last day with a reference rate of the ECB. */
  readonly lastDate: IsoDate;
  readonly successor: CurrencyCode;
  /** Units of the closed currency that became one of its successor: fixed by law, decimal text. */
  readonly unitsPerSuccessor: string;
}

/**
 * Conversion rates into the euro: Council Regulation (EC) 2866/98 and its amendments for each accession. ROL: Romanian
 * Law 348/2004. TRL: Turkish Law 5083. RUB is not among them: the ECB suspended it in 2022, the currency lives on.
 */
const FACTS: readonly (readonly [code: string, lastDate: string, successor: string, unitsPerSuccessor: string])[] = [
  ['BGN', '2025-12-31', 'EUR', '1.95583'],
  ['CYP', '2007-12-31', 'EUR', '0.585274'],
  ['EEK', '2010-12-31', 'EUR', '15.6466'],
  ['HRK', '2022-12-30', 'EUR', '7.53450'],
  ['LTL', '2014-12-31', 'EUR', '3.45280'],
  ['LVL', '2013-12-31', 'EUR', '0.702804'],
  ['MTL', '2007-12-31', 'EUR', '0.429300'],
  ['ROL', '2005-06-30', 'RON', '10000'],
  ['SIT', '2006-12-29', 'EUR', '239.640'],
  ['SKK', '2008-12-31', 'EUR', '30.1260'],
  ['TRL', '2004-12-31', 'TRY', '1000000'],
];

export const DISCONTINUED: readonly Discontinued[] = FACTS.map(([code, lastDate, successor, unitsPerSuccessor]) => ({
  currency: currencyCode(code),
  lastDate: isoDate(lastDate),
  successor: currencyCode(successor),
  unitsPerSuccessor,
}));

const byCurrency = new Map(DISCONTINUED.map((fact) => [fact.currency, fact]));

/** The recorded end of a currency, whatever the day; undefined for one that lives. */
export function endOf(currency: CurrencyCode): Discontinued | undefined {
  return byCurrency.get(currency);
}

/** The recorded end where it lies before that day; undefined where the currency still had rates on it. */
export function discontinuedOn(currency: CurrencyCode, asOf: IsoDate): Discontinued | undefined {
  const fact = byCurrency.get(currency);
  return fact && asOf > fact.lastDate ? fact : undefined;
}
