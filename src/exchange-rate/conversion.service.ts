import { Injectable } from '@nestjs/common';
import { multiplyExact, toJsonNumber } from '../../libs/money/decimal.js';
import { minorUnits } from '../../libs/money/minor-units.js';
import { NotFound } from '../platform/errors/errors.js';
import { Clock } from '../platform/time/clock.js';
import { addDays, isoDate } from '../platform/time/iso-date.js';
import type { Conversion, ConversionQuery } from './conversion.dto.js';
import { RATE_LIFE_DAYS } from './domain/series.js';
import { requireKnownCurrency } from './known-currencies.js';
import { RateDesk } from './rate-desk.js';
import { RatesAnswer } from './rates-answer.js';
import { lifeOf, originOf } from './rates-question.js';

/** What an amount of one currency is in another, at reference rates. */
@Injectable()
export class ConversionService {
  constructor(
    private readonly desk: RateDesk,
    private readonly clock: Clock,
  ) {}

  /**
   * The result is rounded once, from the quotient of the published legs: the rate that is answered beside it has lost
   * digits, which a large amount would show. A currency into itself is refused like everywhere, `currency_is_base`:
   * it has neither rate nor day nor source, and an answer without them would be made up.
   */
  async convert({ from, to, amount, date }: ConversionQuery): Promise<RatesAnswer<Conversion>> {
    const base = requireKnownCurrency(from, 'from');
    const quote = requireKnownCurrency(to, 'to');
    const asOf = date === undefined ? this.clock.today() : isoDate(date);
    const since = date === undefined ? undefined : addDays(asOf, -RATE_LIFE_DAYS);
    const request = { base, quote, asOf, since };
    const selected = await this.desk.select(request);
    const { pair } = selected;
    const used = date === undefined ? pair.series.newestAtOrBefore(asOf) : pair.series.standingOn(asOf);
    const exact = used && pair.exactRate(used.date);
    if (used === undefined || exact === undefined) {
      const when = date === undefined ? `up to ${asOf}` : `in the ${RATE_LIFE_DAYS} days up to ${asOf}`;
      throw new NotFound('no_data', { detail: `There is no rate of ${quote} for ${base} ${when}.` });
    }
    const origin = originOf(selected, request, used, this.clock.now());
    const result = multiplyExact(amount, exact, minorUnits(quote));
    const rate = toJsonNumber(used.rate);
    const { provider, stale } = origin;
    const body = { from: base, to: quote, amount, result, rate, date: used.date, provider, stale };
    return new RatesAnswer(body, origin, lifeOf(selected, request, origin, this.clock.now()));
  }
}
