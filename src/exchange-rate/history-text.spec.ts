import { describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../libs/money/currency.js';
import { addDays, isoDate } from '../platform/time/iso-date.js';
import { historyText, type PairHistory } from './history-text.js';
import { Series } from './domain/series.js';

const points = (count: number) =>
  new Series(
    Array.from({ length: count }, (_, day) => ({ date: addDays(isoDate('2020-01-01'), day), rate: `1${day}.250` })),
  );
const historyOf = (series: Series): PairHistory => ({
  base: currencyCode('USD'),
  quote: currencyCode('KRW'),
  origin: { provider: 'ecb', date: isoDate('2026-04-13'), stale: false },
  first: '2020-01-01',
  group: 'day',
  points: () => series,
});
const chunksOf = (series: Series, format: 'json' | 'csv' | 'ndjson') => [
  ...historyText(historyOf(series), format).chunks(),
];

describe('historyText', () => {
  it.each([1, 254, 255, 256, 257, 1000])('of %s observations is whole in every format', (count) => {
    const series = points(count);
    const expected = [...series].map(({ date, rate }) => ({ date, rate: Number(rate) }));
    expect(JSON.parse(chunksOf(series, 'json').join(''))).toEqual({
      base: 'USD',
      quote: 'KRW',
      provider: 'ecb',
      date: '2026-04-13',
      stale: false,
      observations: expected,
    });
    const lines = chunksOf(series, 'ndjson').join('').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected);
    const rows = [...series].map(({ date, rate }) => `${date},USD,KRW,${rate}\r\n`);
    expect(chunksOf(series, 'csv').join('')).toBe(`date,base,quote,rate\r\n${rows.join('')}`);
  });

  it('is made in pieces of some kilobytes', () => {
    for (const format of ['json', 'csv', 'ndjson'] as const) {
      const chunks = chunksOf(points(3000), format);
      expect(chunks.length).toBeGreaterThan(10);
      expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(16_384);
    }
  });

  it('writes small rates as the same numbers, and the published digits into CSV', () => {
    const series = new Series([{ date: isoDate('2020-01-01'), rate: '0.000000123456789012345' }]);
    const json = JSON.parse(chunksOf(series, 'json').join('')) as { observations: { rate: number }[] };
    expect(json.observations[0]?.rate).toBe(1.23456789012345e-7);
    expect(chunksOf(series, 'csv').join('')).toContain(',0.000000123456789012345\r\n');
  });

  it('names the file after pair, days and group', () => {
    const history = historyOf(points(3));
    expect(historyText(history, 'csv').fileName).toBe('USD-KRW_2020-01-01_2026-04-13.csv');
    expect(historyText({ ...history, group: 'month' }, 'ndjson').fileName).toBe(
      'USD-KRW_2020-01-01_2026-04-13_month.ndjson',
    );
    expect(historyText(history, 'json').fileName).toBeUndefined();
  });
});
