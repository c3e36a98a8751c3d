import Big from 'big.js';
import { isRealDay, plusDays } from './days.js';
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
import { floatText, ladderDecimals, quotient, roundByLadder } from './rounding.js';
import { type RecordedRequest } from './server.js';

interface Query {
  readonly amount: Big;
  readonly base: string;
  readonly symbols: readonly string[] | undefined;
}

/** Euro legs of one day: code to rate. */
type Legs = Map<string, string>;

const HEADERS = { 'content-type': JSON_TYPE, 'cache-control': 'public, max-age=86400' };
const ONE = new Big(1);

/** The frozen version: only the ECB's rates. `path` is what follows `/v1/`. */
export function answerV1(request: RecordedRequest, path: string, context: FrankfurterContext): Answer {
  try {
    if (path === 'latest' || path === 'current') return endOfDay(request, context.today, context);
    if (path === 'currencies') return currencies(request, context);
    const [, start, dots, end] = /^(\d{4}-\d{2}-\d{2})(\.\.)?(\d{4}-\d{2}-\d{2})?$/.exec(path) ?? [];
    if (start === undefined || (dots === undefined && end !== undefined)) return notFound();
    if (dots === undefined) return endOfDay(request, start, context);
    return range(request, start, end ?? context.today, context);
  } catch (error) {
    // As the real one does it: whatever goes wrong inside becomes a 422 with its message.
    const message = error instanceof Error ? error.message : String(error);
    return error instanceof Refusal ? errorAnswer(error.status, { message }) : errorAnswer(422, { message });
  }
}

function endOfDay(request: RecordedRequest, date: string, context: FrankfurterContext): Answer {
  const query = queryOf(request);
  checkDays(date);
  const asOf = date > context.today ? context.today : date;
  const legs: Legs = new Map();
  let newest = '';
  for (const code of wantedCodes(query, context)) {
    const point = context.dataset.ecb(code)?.newest(asOf, plusDays(asOf, -LOOK_BACK_DAYS));
    if (!point) continue;
    legs.set(code, point.rate);
    if (point.date > newest) newest = point.date;
  }
  const rates = ratesText(query, legs);
  if (rates === undefined) throw new Refusal(404, 'not found');
  const { amount, base } = query;
  return tagged(
    request,
    newest,
    HEADERS,
    () => `{"amount":${floatText(amount)},"base":"${base}","date":"${newest}","rates":${rates}}`,
  );
}

function range(request: RecordedRequest, start: string, end: string, context: FrankfurterContext): Answer {
  const query = queryOf(request);
  checkDays(start, end);
  if (start > context.today) throw new Refusal(404, 'not found');
  const last = end > context.today ? context.today : end;
  const legsByDay = new Map<string, Legs>();
  const from = newestDay(start, context) ?? start;
  for (const code of wantedCodes(query, context)) {
    for (const point of context.dataset.ecb(code)?.between(from, last) ?? []) {
      const legs = legsByDay.get(point.date) ?? new Map<string, string>();
      legsByDay.set(point.date, legs.set(code, point.rate));
    }
  }
  const days = [...legsByDay.keys()].sort().flatMap((day) => {
    const rates = ratesText(query, legsByDay.get(day) as Legs);
    return rates === undefined ? [] : [{ day, text: `"${day}":${rates}` }];
  });
  const [first, final] = [days[0], days.at(-1)];
  if (!first || !final) throw new Refusal(404, 'not found');
  const head = `{"amount":${floatText(query.amount)},"base":"${query.base}","start_date":"${first.day}","end_date":"${final.day}"`;
  return tagged(request, final.day, HEADERS, () => `${head},"rates":{${days.map(({ text }) => text).join(',')}}}`);
}

function currencies(request: RecordedRequest, context: FrankfurterContext): Answer {
  const { dataset, today } = context;
  const alive = dataset.ecbCodes.filter((code) => dataset.ecb(code)?.newest(today, plusDays(today, -LOOK_BACK_DAYS)));
  const codes = ['EUR', ...alive].sort();
  return tagged(request, newestDay(today, context) ?? '', HEADERS, () =>
    JSON.stringify(Object.fromEntries(codes.map((code) => [code, currencyName(code)]))),
  );
}

/** The newest day at or before `date` that has any rate, however old: where a range whose start is silent snaps back to. */
function newestDay(date: string, context: FrankfurterContext): string | undefined {
  const days = context.dataset.ecbCodes.map((code) => context.dataset.ecb(code)?.newest(date)?.date ?? '');
  return days.sort().at(-1) || undefined;
}

function queryOf(request: RecordedRequest): Query {
  const { from, base, to, symbols, amount } = request.query;
  const codes = codeList(to ?? symbols);
  const baseAsked = (from ?? base)?.toUpperCase();
  // Only a base that is asked for counts: `?symbols=EUR` alone is no bad pair, it just finds nothing.
  if (baseAsked !== undefined && codes?.length === 1 && codes[0] === baseAsked)
    throw new Refusal(422, 'bad currency pair');
  return { amount: amountOf(amount), base: baseAsked ?? 'EUR', symbols: codes };
}

/** As Ruby reads a float: the number at the text's beginning, else zero. */
function amountOf(text: string | undefined): Big {
  if (text === undefined) return ONE;
  const [number] = /^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?/i.exec(text) ?? ['0'];
  const amount = new Big(number.trim().replace(/^\+/, ''));
  if (amount.lte(0)) throw new Refusal(422, 'invalid amount');
  return amount;
}

function checkDays(...days: string[]): void {
  if (!days.every(isRealDay)) throw new Refusal(422, 'invalid date');
}

function wantedCodes(query: Query, context: FrankfurterContext): string[] {
  const { symbols, base } = query;
  return context.dataset.ecbCodes.filter((code) => !symbols || code === base || symbols.includes(code)).sort();
}

/** The `rates` object of a day, or undefined where the day has none. */
function ratesText(query: Query, legs: Legs): string | undefined {
  const { amount, base, symbols } = query;
  const verbatim = base === 'EUR' && amount.eq(1);
  const rates = new Map<string, Big>();
  for (const [code, leg] of legs) rates.set(code, verbatim ? new Big(leg) : roundByLadder(amount.times(leg)));
  if (base === 'EUR') return objectText(rates, verbatim);
  if (!symbols || symbols.includes('EUR')) rates.set('EUR', amount);
  const divisor = rates.get(base);
  rates.delete(base);
  if (!divisor || divisor.eq(0)) return undefined;
  // The second rounding: of a quotient whose legs are rounded already.
  const quotients = new Map([...rates].map(([code, rate]) => [code, quotient(amount.times(rate), divisor)]));
  return objectText(quotients, false);
}

function objectText(rates: Map<string, Big>, verbatim: boolean): string | undefined {
  if (rates.size === 0) return undefined;
  const members = [...rates]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, rate]) => `"${code}":${verbatim ? floatText(rate) : roundedText(rate)}`);
  return `{${members.join(',')}}`;
}

/** Above 5000 the real one has an integer, else a float. */
function roundedText(value: Big): string {
  const rounded = roundByLadder(value);
  return ladderDecimals(value) === 0 ? rounded.toFixed(0) : floatText(rounded);
}
