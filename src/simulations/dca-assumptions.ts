import type { Fraction } from '../../libs/money/fraction.js';
import type { PairFigures } from '../exchange-rate/pair-figures.js';

export interface DcaFacts {
  readonly figures: Pick<PairFigures, 'base' | 'quote' | 'asOf' | 'title' | 'newest' | 'origin'>;
  /** At least one, ascending. */
  readonly purchases: readonly { readonly date: string }[];
  /** How many purchases the period has room for. */
  readonly months: number;
  readonly depositRatePercent: Fraction;
}

/** What the simulation takes for granted: sentences for people, without any amount. */
export function dcaAssumptions({ figures, purchases, months, depositRatePercent }: DcaFacts): string[] {
  const { base, quote, asOf, title, newest, origin } = figures;
  const count = purchases.length;
  const [first, last] = [purchases[0]?.date ?? '', purchases.at(-1)?.date ?? ''];
  const fewer = `Only ${count} of ${months} months have an observation: ${count} count, for the deposit too.`;
  return [
    ...(origin.provider === 'sample' ? ['These rates are made up: sample data, not real rates.'] : []),
    `${quote} buys ${base} at the first observation of each of ${count} calendar months, from ${first} to ${last}.`,
    ...(count < months ? [fewer] : []),
    `The ${base} are valued at the rate of ${newest.date}, the newest as of ${asOf}.`,
    ...(origin.stale ? ['A newer rate must exist and is not here yet.'] : []),
    `Reference rates, unrounded; source: ${title}. Nobody trades at them: spreads, fees and taxes are left out.`,
    `The deposit bears simple interest of ${percentText(depositRatePercent)} % a year: ${count} months of it for the ` +
      'first instalment, one month less for each that follows. No fees, no taxes, no default.',
    'Each figure is rounded once, half-even. The winner is found by the exact amounts; a tie goes to the deposit.',
  ];
}

function percentText(percent: Fraction): string {
  return percent.toSignificant(8);
}
