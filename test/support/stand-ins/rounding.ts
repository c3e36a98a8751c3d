import Big from 'big.js';

/** Decimals that Frankfurter keeps of a computed rate, by its size. The same ladder serves v1 and v2. */
export function ladderDecimals(value: Big | number): number {
  const number = Number(value);
  if (number > 5000) return 0;
  if (number > 80) return 2;
  if (number > 20) return 3;
  if (number > 1) return 4;
  return number > 0.0001 ? 5 : 6;
}

export function roundByLadder(value: Big): Big {
  return value.round(ladderDecimals(value), Big.roundHalfUp);
}

/** a / b with more digits than the ladder can ever ask for. */
export function quotient(a: Big, b: Big): Big {
  const divisor = new Exact(b);
  return new Big(new Exact(a).div(divisor));
}

// A constructor of its own: the precision of division is a property of the constructor, and the global one is shared.
const Exact = Big();
Exact.DP = 40;

/** The JSON text of a float as Ruby writes it: 1 is `1.0`, 1.10 is `1.1`. */
export function floatText(value: Big | string): string {
  const text = new Big(value).toFixed();
  const trimmed = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
  return trimmed.includes('.') ? trimmed : `${trimmed}.0`;
}
