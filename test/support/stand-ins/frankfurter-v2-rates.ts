import Big from 'big.js';
import { PUBLISHED_A_DAY_AHEAD } from './currencies.js';
import { mondayOf, plusDays } from './days.js';
import { type FrankfurterContext, LOOK_BACK_DAYS } from './frankfurter-http.js';
import { PROVIDERS, type RatesQuery } from './frankfurter-v2-query.js';
import { quotient, roundByLadder } from './rounding.js';
import { type Point, type Series } from './series.js';

export interface RateRow {
  readonly date: string;
  readonly base: string;
  readonly quote: string;
  /** Decimal text. */
  readonly rate: string;
  readonly providers?: readonly { readonly key: string; readonly rate: string }[];
}

/** Rates against one pivot, cut off at what is published today. */
interface Source {
  readonly isEcb: boolean;
  readonly pivot: string;
  readonly codes: readonly string[];
  series(code: string): Series | undefined;
  publishedUntil(code: string): string;
}

export function ratesRows(query: RatesQuery, context: FrankfurterContext): RateRow[] {
  const source = sourceOf(query, context);
  if (!source || (query.base !== source.pivot && !source.series(query.base))) return [];
  if (query.when.kind === 'range') {
    const { from, to } = query.when;
    return query.group ? groupedRows(query, source, from, to) : rangeRows(query, source, from, to, context);
  }
  // The newest of all may be a rate that was named for tomorrow.
  const asOf = query.when.kind === 'day' ? query.when.date : plusDays(context.today, 1);
  const rows = quotesOf(query, source).flatMap((quote) => {
    const point = newestPoint(query, source, quote, asOf);
    return point ? [row(query, source, quote, point, asOf, context)] : [];
  });
  return withIdentity(query, source, rows, asOf).sort(byQuote);
}

/** The blend unless the ECB alone is asked for; undefined where no provider is known. */
function sourceOf(query: RatesQuery, { dataset, today }: FrankfurterContext): Source | undefined {
  const known = query.providers?.filter((key) => PROVIDERS.some((provider) => provider.key === key));
  if (known?.length === 0) return undefined;
  if (known?.every((key) => key === 'ECB')) {
    return {
      isEcb: true,
      pivot: 'EUR',
      codes: ['EUR', ...dataset.ecbCodes].sort(),
      series: (code) => dataset.ecb(code),
      publishedUntil: () => today,
    };
  }
  return {
    isEcb: false,
    pivot: 'USD',
    codes: ['USD', ...dataset.blendCodes].sort(),
    series: (code) => dataset.blend(code),
    publishedUntil: (code) => (PUBLISHED_A_DAY_AHEAD.has(code) ? plusDays(today, 1) : today),
  };
}

/**
 * Each day's rates; and, as in the real one, each quote that is silent on the first day with its newest rate of up to
 * 14 days before, under its own date.
 */
function rangeRows(
  query: RatesQuery,
  source: Source,
  from: string,
  to: string,
  context: FrankfurterContext,
): RateRow[] {
  const rowsByDay = new Map<string, RateRow[]>();
  for (const quote of quotesOf(query, source)) {
    for (const point of pointsInRange(query, source, quote, from, to)) {
      const anchor = point.date < from ? from : point.date;
      const rows = rowsByDay.get(point.date) ?? [];
      rows.push(row(query, source, quote, point, anchor, context));
      rowsByDay.set(point.date, rows);
    }
  }
  const newestBefore = [...rowsByDay.keys()]
    .filter((day) => day <= from)
    .sort()
    .at(-1);
  return [...rowsByDay.keys()].sort().flatMap((day) => {
    const rows = rowsByDay.get(day) as RateRow[];
    const anchored = day > from || day === newestBefore;
    return (anchored ? withIdentity(query, source, rows, day) : rows).sort(byQuote);
  });
}

/** A bucket bears its first day (the Monday, the first of the month) and the mean of its rates, rounded once. */
function groupedRows(query: RatesQuery, source: Source, from: string, to: string): RateRow[] {
  const buckets = new Map<string, Map<string, Big[]>>();
  for (const quote of quotesOf(query, source)) {
    for (const point of pointsInRange(query, source, quote, from, to)) {
      if (point.date < from) continue;
      const bucket = query.group === 'week' ? mondayOf(point.date) : `${point.date.slice(0, 7)}-01`;
      const quotes = buckets.get(bucket) ?? new Map<string, Big[]>();
      const values = quotes.get(quote) ?? [];
      values.push(new Big(exactRate(query, source, quote, point, point.date)));
      buckets.set(bucket, quotes.set(quote, values));
    }
  }
  return [...buckets.keys()].sort().flatMap((date) => {
    const rows = [...(buckets.get(date) as Map<string, Big[]>)].map(([quote, values]): RateRow => {
      const sum = values.reduce((total, value) => total.plus(value), new Big(0));
      return { date, base: query.base, quote, rate: roundByLadder(quotient(sum, new Big(values.length))).toFixed() };
    });
    return withIdentity(query, source, rows, date).sort(byQuote);
  });
}

/** The quotes that rows are made of: those asked for, without the base, whose row is made up. */
function quotesOf(query: RatesQuery, source: Source): string[] {
  return source.codes.filter((code) => code !== query.base && (!query.quotes || query.quotes.includes(code)));
}

/** The series whose days a quote has: its own, or for the pivot those of the base. */
function daysSeries(query: RatesQuery, source: Source, quote: string): { series: Series | undefined; until: string } {
  const code = quote === source.pivot ? query.base : quote;
  return { series: source.series(code), until: source.publishedUntil(code) };
}

function newestPoint(query: RatesQuery, source: Source, quote: string, asOf: string): Point | undefined {
  const { series, until } = daysSeries(query, source, quote);
  const point = series?.newest(asOf < until ? asOf : until, plusDays(asOf, -LOOK_BACK_DAYS));
  return point && baseLeg(query, source, asOf) ? point : undefined;
}

function pointsInRange(query: RatesQuery, source: Source, quote: string, from: string, to: string): Point[] {
  const { series, until } = daysSeries(query, source, quote);
  if (!series) return [];
  const before = newestPoint(query, source, quote, from);
  const within = series.between(from, to < until ? to : until).filter(({ date }) => baseLeg(query, source, date));
  return before && before.date < from && from <= to ? [before, ...within] : within;
}

/** The base in units for one pivot, as known on the day. */
function baseLeg(query: RatesQuery, source: Source, asOf: string): string | undefined {
  if (query.base === source.pivot) return '1';
  const until = source.publishedUntil(query.base);
  return source.series(query.base)?.newest(asOf < until ? asOf : until, plusDays(asOf, -LOOK_BACK_DAYS))?.rate;
}

/** The published digits where the base is the pivot, else the unrounded cross. */
function exactRate(query: RatesQuery, source: Source, quote: string, point: Point, anchor: string): string {
  if (query.base === source.pivot) return point.rate;
  const leg = new Big(baseLeg(query, source, anchor) ?? '0');
  return quotient(new Big(quote === source.pivot ? '1' : point.rate), leg).toFixed();
}

function row(
  query: RatesQuery,
  source: Source,
  quote: string,
  point: Point,
  anchor: string,
  context: FrankfurterContext,
): RateRow {
  const exact = exactRate(query, source, quote, point, anchor);
  const rate = query.base === source.pivot ? exact : roundByLadder(new Big(exact)).toFixed();
  const made = { date: point.date, base: query.base, quote, rate };
  if (!query.expandProviders) return made;
  return { ...made, providers: source.isEcb ? [{ key: 'ECB', rate }] : blendedFrom(made, context) };
}

/** The two rates whose mean the blend is; the other bank's alone where the ECB has none that day. */
function blendedFrom({ date, base, quote, rate }: RateRow, { dataset }: FrankfurterContext): RateRow['providers'] {
  const leg = (code: string): string | undefined => (code === 'EUR' ? '1' : dataset.ecb(code)?.at(date)?.rate);
  const [quoteLeg, legOfBase] = [leg(quote), leg(base)];
  if (quoteLeg === undefined || legOfBase === undefined) return [{ key: 'NBU', rate }];
  const ecb = quotient(new Big(quoteLeg), new Big(legOfBase));
  const other = new Big(rate).times(2).minus(ecb);
  return [
    { key: 'ECB', rate: roundByLadder(ecb).toFixed() },
    { key: 'NBU', rate: roundByLadder(other).toFixed() },
  ];
}

/** With the base's rate of one for itself, under the newest date of the visible rows, unless `quotes` leaves it out. */
function withIdentity(query: RatesQuery, source: Source, rows: RateRow[], asOf: string): RateRow[] {
  const { base, quotes } = query;
  if (quotes && !quotes.includes(base)) return rows;
  const newest =
    rows
      .map(({ date }) => date)
      .sort()
      .at(-1) ?? baseDay(query, source, asOf);
  return newest === undefined ? rows : [...rows, { date: newest, base, quote: base, rate: '1' }];
}

/** Where only the base itself is asked for: the newest day of it, or for the pivot that of euro or dollar. */
function baseDay(query: RatesQuery, source: Source, asOf: string): string | undefined {
  const code = query.base !== source.pivot ? query.base : source.isEcb ? 'USD' : 'EUR';
  const until = source.publishedUntil(code);
  return source.series(code)?.newest(asOf < until ? asOf : until, plusDays(asOf, -LOOK_BACK_DAYS))?.date;
}

function byQuote(a: RateRow, b: RateRow): number {
  return a.quote < b.quote ? -1 : a.quote > b.quote ? 1 : 0;
}
