import { Injectable } from '@nestjs/common';
import { NotFound } from '../../platform/errors/errors.js';
import type { RangeKey } from '../domain/ranges.js';
import { summarize } from '../domain/statistics.js';
import { ExchangeRateService } from '../exchange-rate.service.js';
import { SAMPLE } from '../providers/sample.provider.js';
import { RatesAnswer } from '../rates-answer.js';
import type { ChartPictureQuery } from './chart-picture.dto.js';
import { chartSvg } from './chart-svg.js';
import { THEMES } from './themes.js';

const IN_WORDS: Readonly<Record<RangeKey, string>> = {
  '3m': '3 months',
  '6m': '6 months',
  '1y': '1 year',
  '2y': '2 years',
};

/** Pictures of pairs, drawn from the figures in memory. */
@Injectable()
export class ChartPictureService {
  private readonly names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'code' });

  constructor(private readonly rates: ExchangeRateService) {}

  async picture(quote: string, query: ChartPictureQuery): Promise<RatesAnswer<string>> {
    const { range = '1y', theme = 'light', base, asOf } = query;
    const figures = await this.rates.figures({ quote, base, asOf });
    const points = figures.points(range);
    const summary = summarize(points);
    if (summary === null) {
      const detail = `There are no rates of ${figures.quote} for ${figures.base} in the ${IN_WORDS[range]} up to ${figures.asOf}.`;
      throw new NotFound('no_data', { detail });
    }
    const svg = chartSvg(
      {
        base: figures.base,
        quote: figures.quote,
        baseName: this.nameOf(figures.base),
        quoteName: this.nameOf(figures.quote),
        range: IN_WORDS[range],
        points,
        low: summary.low,
        high: summary.high,
        source: figures.title,
        stale: figures.origin.stale,
        sample: figures.origin.provider === SAMPLE,
      },
      THEMES[theme],
    );
    return new RatesAnswer(svg, figures.origin, figures.life);
  }

  private nameOf(code: string): string {
    return this.names.of(code) ?? code;
  }
}
