import type { CurrencyCode } from '../../libs/money/currency.js';
import { toJsonNumber } from '../../libs/money/decimal.js';
import { TextSource } from '../platform/http/text-stream.js';
import type { Group } from './domain/grouping.js';
import type { Point } from './domain/series.js';
import type { RatesOrigin } from './rates-answer.js';

/** The history of a pair, to be walked through as often as it is needed. */
export interface PairHistory {
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
  readonly origin: RatesOrigin;
  /** Date of the first observation. */
  readonly first: string;
  readonly group: Group;
  readonly points: () => Iterable<Point>;
}

/** Media types by the name of their format; the first is what a caller without preference gets. */
export const HISTORY_TYPES = { json: 'application/json', csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

export type HistoryFormat = keyof typeof HISTORY_TYPES;

/** So many observations are written at a time: some 10 kB. */
const POINTS_PER_CHUNK = 256;

/** A history in one of its formats, written while it is sent. */
export function historyText(history: PairHistory, format: HistoryFormat): TextSource {
  const type = `${HISTORY_TYPES[format]}; charset=utf-8`;
  switch (format) {
    case 'json':
      return new TextSource(type, () => inChunks(jsonPieces(history)));
    case 'csv':
      return new TextSource(`${type}; header=present`, () => inChunks(csvPieces(history)), fileName(history, 'csv'));
    case 'ndjson':
      return new TextSource(type, () => inChunks(ndjsonPieces(history)), fileName(history, 'ndjson'));
  }
}

function* jsonPieces({ base, quote, origin, points }: PairHistory): Generator<string, void> {
  const { provider, date, stale } = origin;
  const head = JSON.stringify({ base, quote, provider, date, stale });
  yield `${head.slice(0, -1)},"observations":[`;
  let separator = '';
  for (const point of points()) {
    yield separator + pointJson(point);
    separator = ',';
  }
  yield ']}';
}

/** RFC 4180, so lines end in CRLF, the last one too. No field needs quotes. */
function* csvPieces({ base, quote, points }: PairHistory): Generator<string, void> {
  yield 'date,base,quote,rate\r\n';
  for (const { date, rate } of points()) yield `${date},${base},${quote},${rate}\r\n`;
}

function* ndjsonPieces({ points }: PairHistory): Generator<string, void> {
  for (const point of points()) yield `${pointJson(point)}\n`;
}

function pointJson({ date, rate }: Point): string {
  return `{"date":"${date}","rate":${toJsonNumber(rate)}}`;
}

/** `USD-KRW_2024-01-02_2026-04-13.csv`, with `_week` or `_month` before the point where it is thinned out. */
function fileName({ base, quote, first, origin, group }: PairHistory, extension: string): string {
  const suffix = group === 'day' ? '' : `_${group}`;
  return `${base}-${quote}_${first}_${origin.date}${suffix}.${extension}`;
}

function* inChunks(pieces: Iterable<string>): Generator<string, void> {
  let chunk: string[] = [];
  for (const piece of pieces) {
    chunk.push(piece);
    if (chunk.length < POINTS_PER_CHUNK) continue;
    yield chunk.join('');
    chunk = [];
  }
  if (chunk.length > 0) yield chunk.join('');
}
