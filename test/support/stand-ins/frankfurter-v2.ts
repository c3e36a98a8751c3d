import { BLEND_ONLY_CURRENCIES, ECB_CURRENCIES } from './currencies.js';
import { plusDays } from './days.js';
import { type Answer } from './faults.js';
import {
  codeList,
  currencyName,
  errorAnswer,
  type FrankfurterContext,
  JSON_TYPE,
  LOOK_BACK_DAYS,
  notFound,
  Refusal,
  tagged,
} from './frankfurter-http.js';
import { PROVIDERS, ratesQuery, refuseUnknown } from './frankfurter-v2-query.js';
import { ratesRows, type RateRow } from './frankfurter-v2-rates.js';
import { floatText } from './rounding.js';
import { type RecordedRequest } from './server.js';

const CACHEABLE = {
  'cache-control': 'public, max-age=86400, stale-while-revalidate=86400, stale-if-error=86400',
  vary: 'Accept',
};

/** The current version. `path` is what follows `/v2/`. */
export function answerV2(request: RecordedRequest, path: string, context: FrankfurterContext): Answer {
  try {
    if (path === 'rates' || path === 'rates.csv') return rates(request, path === 'rates.csv', context);
    if (path.endsWith('.csv')) throw new Refusal(406, 'not acceptable');
    const [kind, first, second, ...rest] = path.split('/');
    if (kind === 'rate' && first && second && rest.length === 0) return rate(request, first, second, context);
    if (kind === 'currency' && first && second === undefined) return currency(request, first, context);
    if (path === 'currencies') return currencies(request, context);
    if (path === 'providers') return providers(request, context);
    return notFound();
  } catch (error) {
    if (error instanceof Refusal) return errorAnswer(error.status, { status: error.status, message: error.message });
    return errorAnswer(500, { status: 500, message: error instanceof Error ? error.message : String(error) });
  }
}

function rates(request: RecordedRequest, asCsv: boolean, context: FrankfurterContext): Answer {
  const query = ratesQuery(request.query, context.today);
  const rows = ratesRows(query, context);
  const tag = `${newestDate(rows)}|${query.expandProviders ? 'providers' : ''}`;
  if (asCsv) {
    const header = `date,base,quote,rate${query.expandProviders ? ',providers' : ''}\n`;
    const body = (): string => header + rows.map((row) => `${csvLine(row, query.expandProviders)}\n`).join('');
    return tagged(request, tag, { ...CACHEABLE, 'content-type': 'text/csv; charset=utf-8' }, body);
  }
  if (request.headers.accept?.includes('application/x-ndjson')) {
    const body = (): string => rows.map((row) => `${jsonOf(row)}\n`).join('');
    return tagged(request, tag, { ...CACHEABLE, 'content-type': 'application/x-ndjson' }, body);
  }
  return tagged(request, tag, { ...CACHEABLE, 'content-type': JSON_TYPE }, () => `[${rows.map(jsonOf).join(',')}]`);
}

/** One pair as one object. */
function rate(request: RecordedRequest, base: string, quote: string, context: FrankfurterContext): Answer {
  refuseUnknown(request.query, ['date', 'providers', 'expand']);
  const query = ratesQuery({ ...request.query, base, quotes: quote }, context.today);
  const [row] = ratesRows(query, context);
  if (!row) return notFound();
  const tag = `${row.date}|${query.expandProviders ? 'providers' : ''}`;
  return tagged(request, tag, { ...CACHEABLE, 'content-type': JSON_TYPE }, () => jsonOf(row));
}

function currency(request: RecordedRequest, text: string, context: FrankfurterContext): Answer {
  refuseUnknown(request.query, []);
  const code = text.toUpperCase();
  const facts = currencyFacts(code, false, context);
  if (!facts) return notFound();
  const keys = code === 'EUR' || ECB_CURRENCIES.has(code) ? ['ECB', 'NBU'] : ['NBU'];
  return listing(request, { ...facts, providers: keys });
}

/** Those still quoted, or with `scope=all` all that ever were. */
function currencies(request: RecordedRequest, context: FrankfurterContext): Answer {
  refuseUnknown(request.query, ['scope', 'providers']);
  const { scope } = request.query;
  if (scope !== undefined && scope !== 'all') throw new Refusal(422, 'invalid scope');
  const ecbOnly = codeList(request.query.providers)?.every((key) => key === 'ECB') ?? false;
  const { dataset, today } = context;
  const codes = ecbOnly ? ['EUR', ...dataset.ecbCodes] : ['USD', ...dataset.blendCodes];
  const all = codes.sort().flatMap((code) => currencyFacts(code, ecbOnly, context) ?? []);
  const oldest = plusDays(today, -LOOK_BACK_DAYS);
  return listing(request, scope === 'all' ? all : all.filter(({ end_date }) => end_date >= oldest));
}

function currencyFacts(code: string, ecbOnly: boolean, { dataset, today }: FrankfurterContext) {
  // Euro and dollar, the pivots, are quoted as long as the other one is.
  const series = ecbOnly ? dataset.ecb(code === 'EUR' ? 'USD' : code) : dataset.blend(code === 'USD' ? 'EUR' : code);
  const [first, last] = [series?.first, series?.newest(today)];
  if (!first || !last) return undefined;
  const numeric = code === 'EUR' ? '978' : (ECB_CURRENCIES.get(code) ?? BLEND_ONLY_CURRENCIES.get(code))?.numeric;
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency: code, currencyDisplay: 'narrowSymbol' });
  const symbol = parts.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? null;
  return {
    iso_code: code,
    iso_numeric: numeric ?? null,
    name: currencyName(code),
    symbol,
    start_date: first.date,
    end_date: last.date,
  };
}

function providers(request: RecordedRequest, context: FrankfurterContext): Answer {
  refuseUnknown(request.query, []);
  const { dataset, today } = context;
  const list = PROVIDERS.map((provider) => {
    const series = provider.key === 'ECB' ? dataset.ecb('USD') : dataset.blend('EUR');
    return {
      ...provider,
      start_date: series?.first?.date ?? null,
      end_date: series?.newest(today)?.date ?? null,
      publishes_missed: 0,
      currencies: (provider.key === 'ECB' ? dataset.ecbCodes : ['USD', ...dataset.blendCodes]).sort(),
    };
  });
  return listing(request, list);
}

function listing(request: RecordedRequest, content: object): Answer {
  const body = JSON.stringify(content);
  return tagged(request, body, { ...CACHEABLE, 'content-type': JSON_TYPE }, () => body);
}

function newestDate(rows: readonly RateRow[]): string {
  return rows.reduce((newest, { date }) => (date > newest ? date : newest), '');
}

function jsonOf({ date, base, quote, rate: value, providers: from }: RateRow): string {
  const keys = from?.map(({ key, rate: part }) => `{"key":"${key}","rate":${floatText(part)}}`).join(',');
  const tail = keys === undefined ? '' : `,"providers":[${keys}]`;
  return `{"date":"${date}","base":"${base}","quote":"${quote}","rate":${floatText(value)}${tail}}`;
}

function csvLine({ date, base, quote, rate: value, providers: from }: RateRow, expanded: boolean): string {
  const keys = from?.map(({ key, rate: part }) => `${key}:${floatText(part)}`).join('|') ?? '';
  return `${date},${base},${quote},${floatText(value)}${expanded ? `,${keys}` : ''}`;
}
