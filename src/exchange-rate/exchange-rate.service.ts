import { Injectable } from '@nestjs/common';
import { toJsonNumber } from '../../libs/money/decimal.js';
import { NotFound } from '../platform/errors/errors.js';
import { Clock } from '../platform/time/clock.js';
import { chartRanges, RANGE_KEYS, type RangeKey } from './domain/ranges.js';
import type { Point } from './domain/series.js';
import { type RangeSummary, summarize } from './domain/statistics.js';
import { publishedAt } from './domain/target-calendar.js';
import type { Chart, NewestRate, PointDto, RangeSummaryDto } from './exchange-rate.dto.js';
import { PairFigures } from './pair-figures.js';
import { type PairRequest, RateDesk, type SelectedPair } from './rate-desk.js';
import { RatesAnswer, type RatesOrigin } from './rates-answer.js';
import { lifeOf, originOf, pairRequest, type RatesQuestion } from './rates-question.js';

/** Answers about rates out of the figures in memory. No request waits for an upstream here. */
@Injectable()
export class ExchangeRateService {
  constructor(
    private readonly desk: RateDesk,
    private readonly clock: Clock,
  ) {}

  /** The figures of a pair as of a day, for whatever is made of them. Throws where there is not one. */
  async figures(question: RatesQuestion): Promise<PairFigures> {
    const request = this.request(question);
    const selected = await this.desk.select(request);
    const newest = this.newestUsed(selected, request);
    const origin = this.origin(selected, request, newest);
    return new PairFigures(request, selected, newest, origin, lifeOf(selected, request, origin, this.clock.now()));
  }

  /** The four ranges of a pair. */
  async chart(question: RatesQuestion): Promise<RatesAnswer<Chart>> {
    const request = this.request(question);
    const selected = await this.desk.select(request);
    const newest = this.newestUsed(selected, request);
    const ranges = chartRanges(selected.pair.series, request.asOf);
    if (RANGE_KEYS.every((key) => ranges[key].length === 0)) throw noData(request);
    const body = byRange((key) => ranges[key].map(toPoint));
    return this.answer(body, this.origin(selected, request, newest), selected, request);
  }

  /** The newest rate of a pair, with what each range did. */
  async newest(question: RatesQuestion): Promise<RatesAnswer<NewestRate>> {
    const request = this.request(question);
    const selected = await this.desk.select(request);
    const { series } = selected.pair;
    // A day that the caller names is answered by a rate that stood on it; the newest rate is served at any age.
    const newest = question.asOf === undefined ? this.newestUsed(selected, request) : series.standingOn(request.asOf);
    if (newest === undefined) throw noData(request);
    const ranges = chartRanges(series, request.asOf);
    const origin = this.origin(selected, request, newest);
    const body: NewestRate = {
      base: request.base,
      quote: request.quote,
      rate: toJsonNumber(newest.rate),
      ...origin,
      publishedAt: selected.publication === 'target' ? publishedAt(newest.date).toISOString() : null,
      fetchedAt: selected.fetchedAt(newest.date)?.toISOString() ?? null,
      ranges: byRange((key) => toSummary(summarize(ranges[key]))),
    };
    return this.answer(body, origin, selected, request);
  }

  private request(question: RatesQuestion): PairRequest {
    return pairRequest(question, this.clock.now());
  }

  private newestUsed({ pair }: SelectedPair, request: PairRequest): Point {
    const newest = pair.series.newestAtOrBefore(request.asOf);
    if (newest === undefined) throw noData(request);
    return newest;
  }

  private answer<Body>(
    body: Body,
    origin: RatesOrigin,
    selected: SelectedPair,
    request: PairRequest,
  ): RatesAnswer<Body> {
    return new RatesAnswer(body, origin, lifeOf(selected, request, origin, this.clock.now()));
  }

  private origin(selected: SelectedPair, request: PairRequest, newest: Point): RatesOrigin {
    return originOf(selected, request, newest, this.clock.now());
  }
}

function noData({ base, quote, asOf }: PairRequest): NotFound {
  return new NotFound('no_data', {
    detail: `There are no rates of ${quote} for ${base} in the two years up to ${asOf}.`,
  });
}

function byRange<T>(of: (key: RangeKey) => T): Record<RangeKey, T> {
  return { '3m': of('3m'), '6m': of('6m'), '1y': of('1y'), '2y': of('2y') };
}

function toPoint({ date, rate }: Point): PointDto {
  return { date, rate: toJsonNumber(rate) };
}

function toSummary(summary: RangeSummary | null): RangeSummaryDto | null {
  if (summary === null) return null;
  const percent = (text: string | null) => (text === null ? null : toJsonNumber(text));
  return {
    first: toPoint(summary.first),
    last: toPoint(summary.last),
    low: toPoint(summary.low),
    high: toPoint(summary.high),
    average: toJsonNumber(summary.average),
    changePercent: percent(summary.changePercent),
    volatilityPercent: percent(summary.volatilityPercent),
    maxDrawdownPercent: percent(summary.maxDrawdownPercent),
  };
}
