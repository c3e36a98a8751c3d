import { Injectable } from '@nestjs/common';
import { Invalid, NotFound } from '../platform/errors/errors.js';
import type { TextSource } from '../platform/http/text-stream.js';
import { Clock } from '../platform/time/clock.js';
import { isoDate } from '../platform/time/iso-date.js';
import { type Group, lastOfEach } from './domain/grouping.js';
import { type HistoryFormat, historyText } from './history-text.js';
import { RateDesk } from './rate-desk.js';
import { RatesAnswer } from './rates-answer.js';
import { lifeOf, originOf, pairRequest, type RatesQuestion } from './rates-question.js';

export interface HistoryQuestion extends RatesQuestion {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly group?: Group | undefined;
}

const BEFORE_ALL_RATES = isoDate('0001-01-01');

/** All observations of a pair between two days, or the last one of each week or month. */
@Injectable()
export class HistoryService {
  constructor(
    private readonly desk: RateDesk,
    private readonly clock: Clock,
  ) {}

  /**
   * The last day stands for the day that the answer is for: a currency that was closed has a history up to days on
   * which it lived, and nothing is stale that was the newest then. A history is served whole or not at all, so one
   * from the first observation on has to wait for the first load to reach back so far.
   */
  async history(question: HistoryQuestion, format: HistoryFormat): Promise<RatesAnswer<TextSource>> {
    const { from, to, group = 'day' } = question;
    if (from !== undefined && to !== undefined && from > to) throw Invalid.field('from', 'must not be after to');
    const asked = pairRequest(question, this.clock.now());
    const since = from === undefined ? BEFORE_ALL_RATES : isoDate(from);
    const asOf = to !== undefined && to < asked.asOf ? isoDate(to) : asked.asOf;
    const request = { ...asked, asOf, since };
    const selected = await this.desk.select(request);
    const { series } = selected.pair;
    const points = () => lastOfEach(series.walk(since, asOf), group);
    const [first] = points();
    const newest = series.newestAtOrBefore(asOf);
    const { base, quote } = request;
    if (first === undefined || newest === undefined) {
      const range = from === undefined ? `up to ${asOf}` : `from ${from} to ${asOf}`;
      throw new NotFound('no_data', { detail: `There are no rates of ${quote} for ${base} ${range}.` });
    }
    const origin = originOf(selected, request, newest, this.clock.now());
    const text = historyText({ base, quote, origin, first: first.date, group, points }, format);
    return new RatesAnswer(text, origin, lifeOf(selected, request, origin, this.clock.now()));
  }
}
