import { Fraction } from '../../../libs/money/fraction.js';
import type { IsoDate } from '../../platform/time/iso-date.js';

export interface ExactPurchase {
  /** Unrounded, units of the quote currency for one dollar. */
  readonly exact: Fraction;
}

export interface DcaPlan<P extends ExactPurchase> {
  /** In the quote currency, more than zero. */
  readonly monthlyAmount: Fraction;
  /** Simple interest in percent a year, zero or more. */
  readonly depositRatePercent: Fraction;
  /** At least one, ascending. */
  readonly purchases: readonly P[];
  /** Unrounded rate at which the dollars are valued in the end. */
  readonly newest: Fraction;
}

/** Exact amounts of the quote currency, and dollars; whoever answers rounds each once. */
export interface DcaOutcome<P extends ExactPurchase> {
  readonly invested: Fraction;
  readonly bought: readonly { readonly purchase: P; readonly usd: Fraction }[];
  readonly usd: { readonly units: Fraction; readonly final: Fraction };
  readonly deposit: { readonly final: Fraction };
  /** Of the exact amounts. A tie goes to the deposit: the same for no risk. */
  readonly winner: 'usd' | 'deposit';
  /** Winner over loser in percent of the loser's final amount. */
  readonly differencePercent: Fraction;
}

const ZERO = Fraction.of(['0']);
const ONE = Fraction.of(['1']);
const HUNDRED = Fraction.of(['100']);
const MONTHS_OF_INTEREST = Fraction.of(['1'], ['12', '100']);

/** The first observation of each of the first `months` calendar months that have one, out of ascending observations. */
export function monthlyPurchases<T extends { readonly date: IsoDate }>(
  observations: readonly T[],
  months: number,
): T[] {
  const purchases: T[] = [];
  for (const observation of observations) {
    if (purchases.length === months) break;
    if (monthOf(purchases.at(-1)) !== monthOf(observation)) purchases.push(observation);
  }
  return purchases;
}

/** Instalment i (from 0) of N buys dollars, or lies in a deposit for N − i months. */
export function dollarsAgainstDeposit<P extends ExactPurchase>(plan: DcaPlan<P>): DcaOutcome<P> {
  const { monthlyAmount, purchases } = plan;
  const bought = purchases.map((purchase) => ({ purchase, usd: monthlyAmount.dividedBy(purchase.exact) }));
  const units = sum(bought.map(({ usd }) => usd));
  const final = units.times(plan.newest);
  const monthlyInterest = plan.depositRatePercent.times(MONTHS_OF_INTEREST);
  const deposit = sum(
    purchases.map((_, i) => monthlyAmount.times(ONE.plus(monthlyInterest.times(whole(purchases.length - i))))),
  );
  const dollarsWin = final.compare(deposit) > 0;
  const [more, less] = dollarsWin ? [final, deposit] : [deposit, final];
  return {
    invested: monthlyAmount.times(whole(purchases.length)),
    bought,
    usd: { units, final },
    deposit: { final: deposit },
    winner: dollarsWin ? 'usd' : 'deposit',
    differencePercent: more.minus(less).dividedBy(less).times(HUNDRED),
  };
}

function monthOf(observation: { readonly date: IsoDate } | undefined): string | undefined {
  return observation?.date.slice(0, 7);
}

function sum(amounts: readonly Fraction[]): Fraction {
  return amounts.reduce((total, amount) => total.plus(amount), ZERO);
}

function whole(count: number): Fraction {
  return Fraction.of([String(count)]);
}
