import { currencyCode, type CurrencyCode } from '../../libs/money/currency.js';

export const USD = currencyCode('USD');

/** ISO 4217 codes that the packages list beside a country's money, but that nobody there is paid or pays in. */
const NOT_EVERYDAY_MONEY: Readonly<Record<string, string>> = {
  BOV: 'unit of account indexed to the dollar (Bolivia)',
  CHE: 'complementary currency of the WIR network (Switzerland)',
  CHW: 'complementary currency of the WIR network (Switzerland)',
  CLF: 'unit of account indexed to inflation (Chile)',
  COU: 'unit of account indexed to inflation (Colombia)',
  MXV: 'unit of account indexed to inflation (Mexico)',
  SVC: 'not issued since the dollar took its place in 2001 (El Salvador)',
  USN: 'next-day funds between banks (United States)',
  UYI: 'unit of account indexed to inflation (Uruguay)',
  UYW: 'unit of account indexed to wages (Uruguay)',
};

export function isEverydayMoney(currency: string): boolean {
  return !Object.hasOwn(NOT_EVERYDAY_MONEY, currency);
}

/** An official fixed parity: `units` of the currency are worth `usd` dollars. Decimal text, exact as decreed. */
export interface UsdPeg {
  readonly currency: CurrencyCode;
  readonly units: string;
  readonly usd: string;
  /** The year from which this parity has stood unbroken. */
  readonly since: number;
}

/**
 * The hard pegs to the US dollar: one official parity, held by law or central bank, unchanged for ten years or more.
 * Sources: the central banks named, and the lists of currency boards and conventional pegs in the IMF's Annual Report
 * on Exchange Arrangements (2023).
 *
 * Left out on purpose: HKD moves in a band (7.75 to 7.85); MOP follows HKD; IQD was reset in 2020 and 2023; LBP and MVR
 * are managed, not fixed; CUP has several official rates. GIP, FKP and SHP are fixed to sterling, not to the dollar.
 */
const USD_PEGS: readonly UsdPeg[] = [
  peg('AED', '3.6725', 1997), // Central Bank of the UAE
  peg('AWG', '1.79', 1986), // Centrale Bank van Aruba
  peg('BBD', '2', 1975), // Central Bank of Barbados
  peg('BHD', '0.376', 1980), // Central Bank of Bahrain; by decree since 2001
  peg('BMD', '1', 1972), // Bermuda Monetary Authority
  peg('BSD', '1', 1973), // Central Bank of The Bahamas
  peg('BZD', '2', 1976), // Central Bank of Belize
  peg('DJF', '177.721', 1973), // Banque Centrale de Djibouti, a currency board
  peg('ERN', '15', 2005), // Bank of Eritrea
  peg('JOD', '0.709', 1995), // Central Bank of Jordan
  peg('KYD', '1', 1974, '1.2'), // Cayman Islands Monetary Authority, a currency board: 1 KYD = 1.20 USD
  peg('OMR', '0.3845', 1986), // Central Bank of Oman
  peg('PAB', '1', 1904), // Panama issues coins only; the notes are dollars
  peg('QAR', '3.64', 1980), // Qatar Central Bank; by decree since 2001
  peg('SAR', '3.75', 1986), // Saudi Central Bank
  peg('TMT', '3.5', 2015), // Central Bank of Turkmenistan
  peg('XCD', '2.7', 1976), // Eastern Caribbean Central Bank, a currency board
  peg('XCG', '1.79', 1971), // Centrale Bank van Curaçao en Sint Maarten; until 2025 as ANG, replaced at par
];

const pegByCurrency: ReadonlyMap<CurrencyCode, UsdPeg> = new Map(USD_PEGS.map((each) => [each.currency, each]));

export function usdPegOf(currency: CurrencyCode): UsdPeg | undefined {
  return pegByCurrency.get(currency);
}

function peg(currency: string, units: string, since: number, usd = '1'): UsdPeg {
  return { currency: currencyCode(currency), units, usd, since };
}
