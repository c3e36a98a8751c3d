import { Fraction } from '../../../libs/money/fraction.js';
import type { IsoDate } from '../../platform/time/iso-date.js';

/** Longer ones would leave the picture. */
const LONGEST = 16;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const ONE = Fraction.of(['1']);
const HUNDRED = Fraction.of(['100']);

/**
 * The digits of a positive decimal as every reader takes them: a point for decimals and, as in SI, narrow spaces between
 * groups of three, never a comma. Figures too long for the picture have an exponent.
 */
export function rateText(rate: string): string {
  if (rate.length > LONGEST) return Number(rate).toExponential().replace('e+', 'e');
  const [whole = '', decimals] = rate.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '\u202F');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** `+4.23 %`: the second rate against the first, rounded once, half-even. */
export function changeText(first: string, last: string): string {
  const percent = Fraction.of([last], [first]).minus(ONE).times(HUNDRED).toFixed(2);
  const signed = percent.startsWith('-') ? `\u2212${percent.slice(1)}` : percent === '0.00' ? percent : `+${percent}`;
  return `${signed}\u202F%`;
}

/** `13 Apr 2026`: no order of day and month to mistake. */
export function dayText(date: IsoDate): string {
  return `${Number(date.slice(8))} ${monthName(date)} ${date.slice(0, 4)}`;
}

/** `Apr`; a January says its year. */
export function monthText(date: IsoDate): string {
  return date.slice(5, 7) === '01' ? `Jan ${date.slice(0, 4)}` : monthName(date);
}

function monthName(date: IsoDate): string {
  return MONTHS[Number(date.slice(5, 7)) - 1] ?? '';
}
