import { readFile } from 'node:fs/promises';
import Big from 'big.js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fetchRates, get, monthsBefore, until } from '../support/rates.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../support/real-ecb-file.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Months of the four ranges. */
const RANGES = { '3m': 3, '6m': 6, '1y': 12, '2y': 24 };
const QUOTES = ['EUR', 'JPY', 'GBP', 'KRW', 'INR', 'IDR', 'ISK', 'ZAR', 'TRY', 'CHF'];
const DAYS = ['2026-04-13', '2024-02-29', '2022-03-01', '2009-03-31', '2001-01-31'];

const Precise = Big();
Precise.DP = 60;

interface Day {
  readonly date: string;
  readonly rate: Big;
}

describeWithRealFile('every figure of a pair, computed again from the file', () => {
  let server: TestApp;
  /** Of the file: date to code to euro leg, ascending. */
  let file: [string, Map<string, string>][];

  beforeAll(async () => {
    server = await startTestApp({ env: { ROLE: 'api', RATE_PROVIDERS: 'ecb', ECB_HISTORY_URL: REAL_ECB_FILE } });
    await fetchRates(server, 'ecb');
    await until(
      () => get(server, '/api/exchange-rate/KRW/chart?asOf=2001-12-28'),
      ({ status }) => status === 200,
    );
    const [header = '', ...lines] = (await readFile(REAL_ECB_FILE, 'utf8')).trim().split('\n');
    const codes = header.split(',');
    file = lines.reverse().map((line) => {
      const cells = line.split(',');
      const legs = codes.flatMap((code, at) => {
        const text = cells[at] ?? '';
        return at > 0 && code !== '' && text !== '' && text !== 'N/A' ? [[code, text] as const] : [];
      });
      return [cells[0] ?? '', new Map<string, string>([['EUR', '1'], ...legs])];
    });
  }, 60_000);
  afterAll(() => server.stop());

  /** Units of `quote` for one of `base`, day by day, rounded once. */
  function daysOf(base: string, quote: string, from: string, to: string): Day[] {
    return file.flatMap(([date, legs]) => {
      const [numerator, denominator] = [legs.get(quote), legs.get(base)];
      if (date < from || date > to || numerator === undefined || denominator === undefined) return [];
      const rate = new Precise(numerator).div(denominator);
      return [{ date, rate: base === 'EUR' ? rate : rate.prec(6, Big.roundHalfEven) }];
    });
  }

  it.each(QUOTES.flatMap((quote) => DAYS.map((day) => [quote, day])))('%s as of %s', async (quote, asOf) => {
    await expectSummaries('USD', quote, asOf);
  });

  it.each([
    ['EUR', 'KRW'],
    ['JPY', 'GBP'],
    ['CHF', 'SEK'],
    ['INR', 'USD'],
  ])('%s to %s, crossed', async (base, quote) => {
    await expectSummaries(base, quote, '2026-04-13');
  });

  async function expectSummaries(base: string, quote: string, asOf: string): Promise<void> {
    const [{ status, body }, { body: chart }] = await Promise.all([
      get(server, `/api/exchange-rate/${quote}?base=${base}&asOf=${asOf}`),
      get(server, `/api/exchange-rate/${quote}/chart?base=${base}&asOf=${asOf}`),
    ]);
    const known = daysOf(base, quote, monthsBefore(asOf, 24), asOf);
    if (known.length === 0) {
      expect([status, chart.status]).toEqual([404, 404]);
      return;
    }
    for (const [range, months] of Object.entries(RANGES)) {
      expect(chart[range]).toEqual(daysOf(base, quote, monthsBefore(asOf, months), asOf).map(toPoint));
    }
    // A rate stands for fourteen days: the Icelandic krona was silent for nine years.
    const standing = known.findLast(({ date }) => Date.parse(asOf) - Date.parse(date) <= 14 * 86_400_000);
    if (standing === undefined) {
      expect(body).toMatchObject({ status: 404, code: 'no_data' });
      return;
    }
    expect([body.rate, body.date]).toEqual([standing.rate.toNumber(), standing.date]);
    for (const [range, months] of Object.entries(RANGES)) {
      const days = daysOf(base, quote, monthsBefore(asOf, months), asOf);
      expect(body.ranges[range]).toEqual(summaryOf(days));
    }
  }
});

function toPoint({ date, rate }: Day) {
  return { date, rate: rate.toNumber() };
}

/** As the contract has it, in one place and by another library. */
function summaryOf(days: readonly Day[]) {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return null;
  const best = (better: (a: Big, b: Big) => boolean) =>
    days.reduce((found, day) => (better(day.rate, found.rate) ? day : found));
  const sum = days.reduce((total, { rate }) => total.plus(rate), new Precise(0));
  const digits = Math.max(6, ...days.map(({ rate }) => rate.c.length));
  const mean = sum.div(days.length).prec(digits, Big.roundHalfEven);
  const enough = days.length >= 3;
  const percent = (value: Big) => value.times(100).round(4, Big.roundHalfEven).toNumber();
  return {
    first: toPoint(first),
    last: toPoint(last),
    low: toPoint(best((a, b) => a.lt(b))),
    high: toPoint(best((a, b) => a.gt(b))),
    average: mean.toNumber(),
    changePercent: enough ? percent(new Precise(last.rate).div(first.rate).minus(1)) : null,
    volatilityPercent: enough ? expect.closeTo(volatilityOf(days), 3) : null,
    maxDrawdownPercent: enough ? percent(drawdownOf(days)) : null,
  };
}

function volatilityOf(days: readonly Day[]): number {
  const logs = days.map(({ rate }) => Math.log(rate.toNumber()));
  const returns = logs.slice(1).map((log, at) => log - (logs[at] ?? log));
  const mean = returns.reduce((total, value) => total + value, 0) / returns.length;
  const variance = returns.reduce((total, value) => total + (value - mean) ** 2, 0) / (returns.length - 1);
  return Math.sqrt(variance * 252) * 100;
}

function drawdownOf(days: readonly Day[]): Big {
  let [peak, deepest] = [new Precise(0), new Precise(0)];
  for (const { rate } of days) {
    if (rate.gt(peak)) peak = new Precise(rate);
    const fall = new Precise(1).minus(new Precise(rate).div(peak));
    if (fall.gt(deepest)) deepest = fall;
  }
  return deepest;
}
