import { Fraction } from '../../../libs/money/fraction.js';

export interface ValueTick {
  readonly value: number;
  /** The same, exact: decimal text. */
  readonly rate: string;
}

export interface ValueAxis {
  /** What lies at the lower and the upper edge of the plot: below the lowest and above the highest value. */
  readonly low: number;
  readonly high: number;
  /** Three to five round values within, ascending. */
  readonly ticks: readonly ValueTick[];
}

const MOST_TICKS = 5;
const FEWEST_TICKS = 3;
/** Room above and below the line for its labels, as a share of its height. */
const MARGIN = 0.16;
/** A line that does not move lies in the middle of two percent. */
const FLAT_MARGIN = 0.01;

/** An axis for values from `lowest` to `highest`, both above zero, with ticks in steps of 1, 2 or 5 times a power of ten. */
export function valueAxis(lowest: number, highest: number): ValueAxis {
  const margin = highest > lowest ? (highest - lowest) * MARGIN : highest * FLAT_MARGIN;
  let [low, high] = [lowest - margin, highest + margin];
  const { leading, exponent } = stepFor(high - low);
  const step = leading * 10 ** exponent;
  // Prices have no value below zero, although the plot may have room there.
  let first = Math.max(Math.ceil(low / step), 0);
  let last = Math.floor(high / step);
  while (last - first + 1 < FEWEST_TICKS) {
    const below = low - (first - 1) * step;
    if (first > 0 && below < (last + 1) * step - high) first -= 1;
    else last += 1;
  }
  low = Math.min(low, first * step);
  high = Math.max(high, last * step);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => {
    const count = first + index;
    return { value: count * step, rate: exactText(count * leading, exponent) };
  });
  return { low, high, ticks };
}

/** The smallest step of which no more than five fit into the span, wherever it begins. */
function stepFor(span: number): { leading: number; exponent: number } {
  for (let exponent = Math.floor(Math.log10(span)) - 2; ; exponent += 1) {
    const leading = [1, 2, 5].find((digit) => span / (digit * 10 ** exponent) < MOST_TICKS);
    if (leading !== undefined) return { leading, exponent };
  }
}

/** units × 10^exponent. */
function exactText(units: number, exponent: number): string {
  const digits = String(units);
  if (units === 0) return digits;
  if (exponent >= 0) return digits + '0'.repeat(exponent);
  return Fraction.of([digits], [`1${'0'.repeat(-exponent)}`]).toFixed(-exponent);
}
