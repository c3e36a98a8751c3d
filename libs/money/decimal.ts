import { Fraction } from './fraction.js';

/** The most significant digits that every JSON reader keeps: a double carries any 15, not every 16. */
export const MAX_JSON_DIGITS = 15;

/** Significant digits of a computed cross rate. */
export const CROSS_RATE_DIGITS = 6;

const PLAIN = /^-?\d+(?:\.\d+)?$/;
const POSITIVE = /^\+?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Longer than any price on earth. Keeps `1e999` and pages of digits from becoming work. */
const LONGEST = 64;

/** True for plain decimal text: an optional minus, digits, optionally a point and more digits. No exponent, no plus. */
export function isDecimalText(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * A positive decimal as plain text: no exponent, no sign, no leading zeros, the digits as published (trailing zeros
 * stay). Space around it is ignored, as CSV has it; an exponent is written out, as JSON may have one (`6.7e-05`).
 *
 * Undefined for anything else (zero, negative, `N/A`, trailing junk, over 64 characters), and for more than
 * `maxDigits` significant digits: a rate of more could be stored but not answered as a JSON number. Amounts, which stay
 * text, may pass `Infinity`.
 */
export function parsePositiveDecimal(text: string, maxDigits = MAX_JSON_DIGITS): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST) return undefined;
  const match = POSITIVE.exec(trimmed);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const plain = shiftPoint(whole, fraction, Number(exponent));
  if (plain.length > LONGEST || !/[1-9]/.test(plain)) return undefined;
  return significantDigits(plain) <= maxDigits ? plain : undefined;
}

/** Digits from the first to the last that is not zero: 3 for `0.01080`, 1 for `3000`, 0 for `0.00`. */
export function significantDigits(text: string): number {
  return text.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
}

/**
 * The product of the numerators over the product of the denominators, exact until it is rounded once, half-even, to
 * `significant` digits. Plain text without trailing zeros. Throws RangeError on text that is no decimal, and on zero
 * as a denominator.
 */
export function crossRate(
  numerators: readonly string[],
  denominators: readonly string[],
  significant = CROSS_RATE_DIGITS,
): string {
  return Fraction.of(numerators, denominators).toSignificant(significant);
}

/** `amount × rate`, rounded once, half-even, to the minor units of the target currency. Throws RangeError on bad text. */
export function multiplyExact(amount: string, rate: Fraction, minorUnits: number): string {
  return Fraction.of([amount]).times(rate).toFixed(minorUnits);
}

/**
 * The decimal as a number whose JSON text has the same digits (less trailing zeros; below 0.000001 JSON writes an
 * exponent, the same value). Throws RangeError where that can't be: more than 15 significant digits, no decimal text,
 * or beyond the reach of a double.
 */
export function toJsonNumber(text: string): number {
  if (!isDecimalText(text)) throw new RangeError(`not a decimal: ${text.slice(0, 40)}`);
  const value = Number(text);
  // Nearly all rates: text as short as that has neither too many digits nor a value out of reach.
  if (text.length <= MAX_JSON_DIGITS) return value === 0 ? 0 : value;
  const digits = significantDigits(text);
  if (digits > MAX_JSON_DIGITS) throw new RangeError(`${digits} digits do not fit a JSON number`);
  if (digits === 0) return 0;
  const size = Math.abs(value);
  // Doubles below 2.2e-308 lose digits one by one.
  if (size < 1e-300 || size > 1e300) throw new RangeError('out of reach of a JSON number');
  return value;
}

function shiftPoint(whole: string, fraction: string, exponent: number): string {
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point >= digits.length) return stripped(digits.padEnd(point, '0'), '');
  if (point <= 0) return stripped('0', digits.padStart(digits.length - point, '0'));
  return stripped(digits.slice(0, point), digits.slice(point));
}

function stripped(whole: string, fraction: string): string {
  const plain = whole.replace(/^0+(?=\d)/, '');
  return fraction === '' ? plain : `${plain}.${fraction}`;
}
