import { describe, expect, it } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { Fraction } from '../../../libs/money/fraction.js';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import { type DcaOutcome, dollarsAgainstDeposit, type ExactPurchase, monthlyPurchases } from './dca.js';

const START = isoDate('2024-02-29');
const Precise = Big();
Precise.DP = 80;

const fraction = (text: string) => Fraction.of([text]);
const simulate = (amount: string, percent: string, rates: readonly string[], newest: string) =>
  dollarsAgainstDeposit({
    monthlyAmount: fraction(amount),
    depositRatePercent: fraction(percent),
    purchases: rates.map((rate) => ({ exact: fraction(rate) })),
    newest: fraction(newest),
  });
const figures = ({ invested, usd, deposit, winner, differencePercent }: DcaOutcome<ExactPurchase>) => ({
  invested: invested.toFixed(2),
  units: usd.units.toFixed(6),
  usd: usd.final.toFixed(2),
  deposit: deposit.final.toFixed(2),
  winner,
  differencePercent: differencePercent.toFixed(4),
});

const rate = fc
  .tuple(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 0, max: 6 }))
  .map(([digits, decimals]) => (digits / 10 ** decimals).toFixed(decimals));
const rates = fc.array(rate, { minLength: 1, maxLength: 24 });
const percent = fc.integer({ min: 0, max: 10_000_000 }).map((tenThousandths) => (tenThousandths / 10_000).toFixed(4));
const amount = fc.integer({ min: 1, max: 999_999_999 }).map((cents) => (cents / 100).toFixed(2));

describe('dollarsAgainstDeposit', () => {
  it('works a small example out', () => {
    // 100/4 + 100/5 + 100/2 = 95 dollars, at 4; 100 × (3 + 12 % × (3 + 2 + 1)/12).
    expect(figures(simulate('100', '12', ['4', '5', '2'], '4'))).toEqual({
      invested: '300.00',
      units: '95.000000',
      usd: '380.00',
      deposit: '306.00',
      winner: 'usd',
      differencePercent: '24.1830',
    });
  });

  it('gives a full year of interest to the first of twelve instalments, a month to the last', () => {
    const outcome = simulate(
      '100',
      '1.2',
      Array.from({ length: 12 }, () => '1'),
      '1',
    );
    // 0.1 % a month for 12 + 11 + … + 1 = 78 months.
    expect(outcome.deposit.final.toFixed(2)).toBe('1207.80');
    expect([outcome.winner, outcome.differencePercent.toFixed(4)]).toEqual(['deposit', '0.6500']);
  });

  it('gives a tie to the deposit', () => {
    expect(figures(simulate('100', '0', ['3', '3', '3'], '3'))).toMatchObject({
      usd: '300.00',
      winner: 'deposit',
      differencePercent: '0.0000',
    });
  });

  it('finds the winner by what rounding would hide', () => {
    const outcome = simulate('100', '0', ['3'], '3.0000001');
    expect([outcome.usd.final.toFixed(2), outcome.winner]).toEqual(['100.00', 'usd']);
  });

  it('law: agrees with the same sums in decimals of 80 digits', () => {
    fc.assert(
      fc.property(amount, percent, rates, rate, (money, interest, bought, newest) => {
        fc.pre([...bought, newest].every((text) => /[1-9]/.test(text)));
        const outcome = simulate(money, interest, bought, newest);
        const units = bought.reduce((sum, text) => sum.plus(new Precise(money).div(text)), new Precise(0));
        const months = (bought.length * (bought.length + 1)) / 2;
        const deposit = new Precise(money).times(new Precise(interest).times(months).div(1200).plus(bought.length));
        const near = (exact: Fraction, expected: Big) =>
          expect(new Precise(exact.toFixed(30)).minus(expected).abs().lt('1e-25')).toBe(true);
        near(outcome.usd.units, units);
        near(outcome.usd.final, units.times(newest));
        near(outcome.deposit.final, deposit);
      }),
    );
  });

  it('law: a thousand times the instalment is a thousand times everything but the verdict', () => {
    fc.assert(
      fc.property(amount, percent, rates, rate, (money, interest, bought, newest) => {
        fc.pre([...bought, newest].every((text) => /[1-9]/.test(text)));
        const one = simulate(money, interest, bought, newest);
        const thousand = simulate(new Precise(money).times(1000).toFixed(), interest, bought, newest);
        const same = (a: Fraction, b: Fraction) => expect(a.times(fraction('1000')).compare(b)).toBe(0);
        same(one.invested, thousand.invested);
        same(one.usd.units, thousand.usd.units);
        same(one.usd.final, thousand.usd.final);
        same(one.deposit.final, thousand.deposit.final);
        one.bought.forEach(({ usd }, i) => same(usd, thousand.bought[i]!.usd));
        expect(thousand.winner).toBe(one.winner);
        expect(thousand.differencePercent.compare(one.differencePercent)).toBe(0);
      }),
    );
  });

  it('law: without interest the deposit is what was invested; where the rate stands still the dollars are', () => {
    fc.assert(
      fc.property(amount, percent, rates, rate, (money, interest, bought, still) => {
        fc.pre([...bought, still].every((text) => /[1-9]/.test(text)));
        const idle = simulate(money, '0', bought, still);
        expect(idle.deposit.final.compare(idle.invested)).toBe(0);
        const flat = simulate(
          money,
          interest,
          bought.map(() => still),
          still,
        );
        expect(flat.usd.final.compare(flat.invested)).toBe(0);
        expect(flat.deposit.final.compare(flat.invested)).toBe(/[1-9]/.test(interest) ? 1 : 0);
      }),
    );
  });
});

describe('monthlyPurchases', () => {
  const days = (...dates: string[]) => dates.map((date) => ({ date: isoDate(date) }));

  it('takes the first observation of each month that has one, inside the range', () => {
    const observations = days('2025-04-14', '2025-04-30', '2025-05-02', '2025-07-01', '2025-07-31', '2026-07-01');
    expect(monthlyPurchases(observations, 12)).toEqual(days('2025-04-14', '2025-05-02', '2025-07-01', '2026-07-01'));
    expect(monthlyPurchases(observations, 2)).toEqual(days('2025-04-14', '2025-05-02'));
    expect(monthlyPurchases([], 12)).toEqual([]);
  });

  it('law: ascending, one a month, each the earliest of its month, and no month passed over', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.constantFrom(12, 24), (steps, months) => {
        let date = START;
        const observations = steps.map((step) => ({ date: (date = addDays(date, step)) }));
        const purchases = monthlyPurchases(observations, months);
        const all = new Set(observations.map((each) => each.date.slice(0, 7)));
        expect(purchases.map((each) => each.date.slice(0, 7))).toEqual([...all].slice(0, months));
        for (const purchase of purchases) {
          expect(observations.find((each) => each.date.slice(0, 7) === purchase.date.slice(0, 7))).toBe(purchase);
        }
      }),
    );
  });
});
