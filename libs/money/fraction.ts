/**
 * An exact rational number: what stands between published decimals and the one rounding at the end. Integers of any
 * size inside, so nothing is lost on the way and a tie is a tie, not a quotient that was cut off near one.
 *
 * Not kept in lowest terms: a rate has a handful of short factors, and reducing costs more than it saves.
 */
export class Fraction {
  private constructor(
    readonly numerator: bigint,
    /** Always positive; the numerator bears the sign. */
    readonly denominator: bigint,
  ) {}

  /**
   * The product of the numerators over the product of the denominators, each plain decimal text.
   * Throws RangeError on any other text and on a denominator of zero.
   */
  static of(numerators: readonly string[], denominators: readonly string[] = []): Fraction {
    let numerator = 1n;
    let denominator = 1n;
    let shift = 0;
    for (const text of numerators) {
      numerator *= unscaled(text);
      shift -= scaleOf(text);
    }
    for (const text of denominators) {
      denominator *= unscaled(text);
      shift += scaleOf(text);
    }
    if (denominator === 0n) throw new RangeError('division by zero');
    if (denominator < 0n) [numerator, denominator] = [-numerator, -denominator];
    return shift >= 0
      ? new Fraction(numerator * powerOfTen(shift), denominator)
      : new Fraction(numerator, denominator * powerOfTen(-shift));
  }

  plus(other: Fraction): Fraction {
    // Sums of decimals share their denominator most of the time; keeping it keeps long sums small.
    if (this.denominator === other.denominator) {
      return new Fraction(this.numerator + other.numerator, this.denominator);
    }
    return new Fraction(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  times(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  /** Throws RangeError where the other is zero. */
  dividedBy(other: Fraction): Fraction {
    if (other.numerator === 0n) throw new RangeError('division by zero');
    const sign = other.numerator < 0n ? -1n : 1n;
    return new Fraction(this.numerator * other.denominator * sign, this.denominator * other.numerator * sign);
  }

  minus(other: Fraction): Fraction {
    return this.plus(new Fraction(-other.numerator, other.denominator));
  }

  /** Negative, zero or positive, as this is less than, equal to or more than the other. */
  compare(other: Fraction): number {
    const left = this.numerator * other.denominator;
    const right = other.numerator * this.denominator;
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** Decimal text with exactly so many decimals, rounded half-even. Zero bears no sign. */
  toFixed(decimals: number): string {
    requireCount(decimals, 0);
    const rounded = roundHalfEven(divide(magnitude(this.numerator), this.denominator, decimals));
    return signed(this.numerator < 0n && rounded !== 0n, decimalText(rounded, decimals));
  }

  /** Decimal text of at most so many significant digits, rounded half-even, without trailing zeros after the point. */
  toSignificant(digits: number): string {
    requireCount(digits, 1);
    if (this.numerator === 0n) return '0';
    const numerator = magnitude(this.numerator);
    let scale = digits - wholeDigits(numerator, this.denominator);
    let quotient = divide(numerator, this.denominator, scale);
    // The count of digits is an estimate; these comparisons are exact.
    while (quotient.whole >= powerOfTen(digits)) quotient = divide(numerator, this.denominator, (scale -= 1));
    while (quotient.whole < powerOfTen(digits - 1)) quotient = divide(numerator, this.denominator, (scale += 1));
    const rounded = roundHalfEven(quotient);
    return signed(this.numerator < 0n, withoutTrailingZeros(decimalText(rounded, scale)));
  }
}

/** Shape of the decimals read here: an optional minus, digits, optionally a point and more digits. */
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

function unscaled(text: string): bigint {
  if (!DECIMAL.test(text)) throw new RangeError(`not a decimal: ${text.slice(0, 40)}`);
  return BigInt(text.replace('.', ''));
}

function scaleOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

interface Quotient {
  readonly whole: bigint;
  readonly remainder: bigint;
  readonly divisor: bigint;
}

/** n/d × 10^scale. n ≥ 0, d > 0. */
function divide(n: bigint, d: bigint, scale: number): Quotient {
  const dividend = scale > 0 ? n * powerOfTen(scale) : n;
  const divisor = scale < 0 ? d * powerOfTen(-scale) : d;
  const whole = dividend / divisor;
  return { whole, remainder: dividend - whole * divisor, divisor };
}

/** The nearest integer, a tie to the even one. */
function roundHalfEven({ whole, remainder, divisor }: Quotient): bigint {
  const twice = remainder * 2n;
  if (twice < divisor) return whole;
  if (twice > divisor) return whole + 1n;
  return whole + (whole & 1n);
}

/** About how many digits n/d has before its point; zero or less where zeros follow the point. n, d > 0. */
function wholeDigits(n: bigint, d: bigint): number {
  const ratio = Number(n) / Number(d);
  // Beyond the reach of doubles, the lengths of both are as good.
  if (!(ratio > 0 && ratio < Infinity)) return n.toString().length - d.toString().length + 1;
  return Math.floor(Math.log10(ratio)) + 1;
}

/** unscaled × 10^−scale as plain digits. */
function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return (value * powerOfTen(-scale)).toString();
  const digits = value.toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function signed(negative: boolean, text: string): string {
  return negative ? `-${text}` : text;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function requireCount(count: number, least: number): void {
  if (!Number.isInteger(count) || count < least || count > 100) {
    throw new RangeError(`not a number of digits: ${count}`);
  }
}

const POWERS = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));

function powerOfTen(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}
