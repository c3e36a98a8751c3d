import { Injectable } from '@nestjs/common';
import { MAX_JSON_DIGITS, significantDigits, toJsonNumber } from '../../libs/money/decimal.js';
import { Fraction } from '../../libs/money/fraction.js';
import { minorUnits } from '../../libs/money/minor-units.js';
import { ExchangeRateService } from '../exchange-rate/exchange-rate.service.js';
import { RatesAnswer } from '../exchange-rate/rates-answer.js';
import { Invalid, NotFound } from '../platform/errors/errors.js';
import { dcaAssumptions } from './dca-assumptions.js';
import { dollarsAgainstDeposit, monthlyPurchases } from './domain/dca.js';
import type { DcaAnswer, DcaPeriod, DcaRequest } from './simulations.dto.js';

const MONTHS: Readonly<Record<DcaPeriod, number>> = { '1y': 12, '2y': 24 };
/** Dollars in a simulation are a quantity that is held, not an amount that is paid: cents would swallow small purchases. */
const UNIT_DECIMALS = 6;
const PERCENT_DECIMALS = 4;

/** What would have become of money. Figures in memory and arithmetic alone: nothing is stored. */
@Injectable()
export class SimulationsService {
  constructor(private readonly rates: ExchangeRateService) {}

  /** Buying dollars each month, against a deposit. */
  async dca(request: DcaRequest): Promise<RatesAnswer<DcaAnswer>> {
    const { quote, asOf, period } = request;
    const figures = await this.rates.figures({ quote, asOf });
    const decimals = minorUnits(figures.quote);
    const monthlyAmount = amountOf(request.monthlyAmount, decimals);
    const purchases = monthlyPurchases(figures.points(period), MONTHS[period]);
    if (purchases.length === 0) throw new NotFound('no_data', { detail: nothingIn(period, figures.asOf) });
    const depositRatePercent = Fraction.of([String(request.depositRatePercent)]);
    const outcome = dollarsAgainstDeposit({
      monthlyAmount,
      depositRatePercent,
      purchases: purchases.map((point) => ({ ...point, exact: figures.exactRate(point) })),
      newest: figures.exactRate(figures.newest),
    });
    const body: DcaAnswer = {
      ...figures.origin,
      invested: outcome.invested.toFixed(decimals),
      usd: { units: outcome.usd.units.toFixed(UNIT_DECIMALS), final: outcome.usd.final.toFixed(decimals) },
      deposit: { final: outcome.deposit.final.toFixed(decimals) },
      winner: outcome.winner,
      differencePercent: percentOf(outcome.differencePercent),
      purchases: outcome.bought.map(({ purchase: { date, rate }, usd }) => ({
        date,
        rate: toJsonNumber(rate),
        usd: usd.toFixed(UNIT_DECIMALS),
      })),
      assumptions: dcaAssumptions({ figures, purchases, months: MONTHS[period], depositRatePercent }),
    };
    return new RatesAnswer(body, figures.origin);
  }
}

function amountOf(text: string, decimals: number): Fraction {
  const amount = Fraction.of([text]);
  if (Fraction.of([amount.toFixed(decimals)]).compare(amount) === 0) return amount;
  throw Invalid.field('monthlyAmount', `must have at most ${decimals} decimals in this currency`);
}

function percentOf(difference: Fraction): number {
  const text = difference.toFixed(PERCENT_DECIMALS);
  // Rates that moved by many powers of ten: a JSON number holds 15 digits.
  return toJsonNumber(significantDigits(text) > MAX_JSON_DIGITS ? difference.toSignificant(MAX_JSON_DIGITS) : text);
}

function nothingIn(period: DcaPeriod, asOf: string): string {
  return `There are no rates in the ${MONTHS[period]} months up to ${asOf}.`;
}
