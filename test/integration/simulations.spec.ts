import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Big from 'big.js';
import { fetchRates, get, signedIn, until } from '../support/rates.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../support/real-ecb-file.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const Precise = Big();
Precise.DP = 80;
const PLAN = { quote: 'KRW', monthlyAmount: '300000', depositRatePercent: '3.5', period: '1y' };

interface Simulated {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies are asserted, not typed
  readonly body: any;
}

async function simulate(server: TestApp, plan: unknown, headers: Record<string, string> = {}): Promise<Simulated> {
  const response = await fetch(`${server.url}/api/simulations/dca`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof plan === 'string' ? plan : JSON.stringify(plan),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Legs of the euro on a day, decimal text. */
interface Leg {
  readonly date: string;
  readonly quote: string;
  readonly usd: string;
}

/** The whole answer computed from the published legs, in decimals of 80 digits. */
function expected(legs: readonly Leg[], from: string, to: string, months: number, minorUnits: number, plan = PLAN) {
  const inRange = legs.filter(({ date }) => date >= from && date <= to);
  const byMonth = new Map<string, Leg>();
  for (const leg of inRange) if (!byMonth.has(leg.date.slice(0, 7))) byMonth.set(leg.date.slice(0, 7), leg);
  const bought = [...byMonth.values()].slice(0, months);
  const exact = ({ quote, usd }: Leg) => new Precise(quote).div(usd);
  const amount = new Precise(plan.monthlyAmount);
  const units = bought.map((leg) => amount.div(exact(leg)));
  const sum = (numbers: Big[]) => numbers.reduce((total, each) => total.plus(each), new Precise(0));
  const usd = sum(units).times(exact(inRange.at(-1)!));
  const n = bought.length;
  const deposit = sum(
    bought.map((_, i) =>
      amount.times(
        new Precise(plan.depositRatePercent)
          .times(n - i)
          .div(1200)
          .plus(1),
      ),
    ),
  );
  const [more, less] = usd.gt(deposit) ? [usd, deposit] : [deposit, usd];
  const money = (value: Big) => value.toFixed(minorUnits, Big.roundHalfEven);
  return {
    date: inRange.at(-1)!.date,
    invested: money(amount.times(n)),
    usd: { units: sum(units).toFixed(6, Big.roundHalfEven), final: money(usd) },
    deposit: { final: money(deposit) },
    winner: usd.gt(deposit) ? 'usd' : 'deposit',
    differencePercent: Number(more.minus(less).div(less).times(100).toFixed(4, Big.roundHalfEven)),
    purchases: bought.map((leg, i) => ({
      date: leg.date,
      rate: Number(exact(leg).prec(6, Big.roundHalfEven).toFixed()),
      usd: units[i]!.toFixed(6, Big.roundHalfEven),
    })),
  };
}

describe('the simulation of monthly purchases', () => {
  const dataset = new Dataset({ from: '2020-10-01', to: '2026-08-07' });
  let frankfurter: StandInServer;
  let server: TestApp;
  const legs = (quote: string): Leg[] =>
    (dataset.ecb('USD')?.between('2020-10-01', '2026-08-07') ?? []).flatMap(({ date, rate }) => {
      const leg = dataset.ecb(quote)?.at(date)?.rate;
      return leg === undefined ? [] : [{ date, quote: leg, usd: rate }];
    });
  /** A currency without a leg of the euro: published for the dollar as such, on weekdays. */
  const blended = (quote: string): Leg[] =>
    (dataset.blend(quote)?.between('2020-10-01', '2026-08-07') ?? [])
      .filter(({ date }) => ![0, 6].includes(new Date(date).getUTCDay()))
      .map(({ date, rate }) => ({ date, quote: rate, usd: '1' }));

  beforeAll(async () => {
    for (const { date } of dataset.blend('TWD')?.between('2025-12-01', '2026-03-31') ?? []) dataset.remove(date, 'TWD');
    const clock = new SettableClock('2026-08-07T18:00:00Z');
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
    server = await startTestApp({ env, clock });
    await fetchRates(server, 'frankfurter');
    await until(
      () => get(server, '/api/exchange-rate/KRW?asOf=2022-12-15'),
      ({ status }) => status === 200,
      30_000,
    );
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
  });

  it('is the one computed from the published legs, rounded once', async () => {
    const { status, headers, body } = await simulate(server, PLAN);
    expect(status).toBe(200);
    expect(body).toMatchObject(expected(legs('KRW'), '2025-08-07', '2026-08-07', 12, 0));
    expect(body).toMatchObject({ provider: 'frankfurter', stale: false });
    expect(body.purchases).toHaveLength(12);
    expect(headers.get('x-rates-provider')).toBe('frankfurter');
    expect(headers.get('x-rates-date')).toBe('2026-08-07');
    expect(headers.get('x-rates-stale')).toBe('false');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(body)).toEqual([
      ...['provider', 'date', 'stale', 'invested', 'usd', 'deposit', 'winner', 'differencePercent', 'purchases'],
      'assumptions',
    ]);
  });

  it.each([
    ['KRW', '1y', '2026-08-07', '2025-08-07', 0],
    ['GBP', '2y', '2026-08-07', '2024-08-07', 2],
    ['JPY', '2y', '2024-02-29', '2022-02-28', 0],
    ['EUR', '1y', '2024-02-29', '2023-02-28', 2],
    ['HRK', '1y', '2022-12-15', '2021-12-15', 2],
  ])('in %s over %s as of %s, never after that day', async (quote, period, asOf, from, minorUnits) => {
    const ofEuro = legs('USD').map((leg) => ({ ...leg, quote: '1' }));
    const plan = { ...PLAN, monthlyAmount: '250', quote, period };
    const { body } = await simulate(server, { ...plan, quote: quote.toLowerCase(), asOf });
    const months = period === '1y' ? 12 : 24;
    const published = quote === 'EUR' ? ofEuro : legs(quote);
    expect(body).toMatchObject(expected(published, from, asOf, months, minorUnits, plan));
  });

  it('counts the months that there are, and says so', async () => {
    const { body } = await simulate(server, { ...PLAN, quote: 'TWD' });
    const figures = expected(blended('TWD'), '2025-08-07', '2026-08-07', 12, 2);
    expect(figures.purchases).toHaveLength(9);
    expect(body).toMatchObject(figures);
    expect(body.assumptions).toContain('Only 9 of 12 months have an observation: 9 count, for the deposit too.');
  });

  it('says what it takes for granted, without a word of the money', async () => {
    const { assumptions } = (await simulate(server, { ...PLAN, monthlyAmount: '123457' })).body as {
      assumptions: string[];
    };
    const text = assumptions.join('\n');
    for (const said of ['12 calendar months', '2026-08-07', 'Frankfurter', 'simple interest of 3.5 % a year', 'taxes'])
      expect(text).toContain(said);
    expect(text).not.toContain('123457');
  });

  it('takes the rate of the deposit as a number too, to the same effect', async () => {
    const asText = await simulate(server, { ...PLAN, depositRatePercent: '3.25' });
    expect((await simulate(server, { ...PLAN, depositRatePercent: 3.25 })).body).toEqual(asText.body);
    expect((await simulate(server, { ...PLAN, depositRatePercent: 0 })).body).toMatchObject({
      deposit: { final: '3600000' },
    });
  });

  it('takes amounts in minor units, up to 18 digits', async () => {
    expect((await simulate(server, { ...PLAN, monthlyAmount: '300000.00' })).body).toMatchObject({
      invested: '3600000',
    });
    const most = await simulate(server, { ...PLAN, monthlyAmount: '999999999999999999', depositRatePercent: 1000 });
    expect(most.body).toMatchObject({ invested: '11999999999999999988' });
  });

  const refused: { what: string; plan: object | string; field?: string; code?: string; status?: number }[] = [
    ...['0', '-1', '1e400', '1e3', '١٢٣', '9'.repeat(200), '', ' 5', '5\n', '0.0000', '1.23456', 300000, null, {}].map(
      (monthlyAmount) => ({
        what: `the amount ${JSON.stringify(monthlyAmount)}`,
        plan: { ...PLAN, monthlyAmount },
        field: 'monthlyAmount',
      }),
    ),
    { what: 'half a won', plan: { ...PLAN, monthlyAmount: '100.5' }, field: 'monthlyAmount' },
    ...['', '-0.5', '1e1', '1000.0001', '3.12345', -1, 1001, 1e-7, null, [], true, '3,5'].map((depositRatePercent) => ({
      what: `the rate ${JSON.stringify(depositRatePercent)}`,
      plan: { ...PLAN, depositRatePercent },
      field: 'depositRatePercent',
    })),
    { what: 'an unknown period', plan: { ...PLAN, period: '3y' }, field: 'period' },
    { what: 'a range that is no period', plan: { ...PLAN, period: '6m' }, field: 'period' },
    { what: 'a day that is none', plan: { ...PLAN, asOf: '2026-02-29' }, field: 'asOf' },
    { what: 'no day', plan: { ...PLAN, asOf: null }, field: 'asOf' },
    { what: 'a code that is none', plan: { ...PLAN, quote: 'WONS' }, field: 'quote' },
    { what: 'no code', plan: { ...PLAN, quote: undefined }, field: 'quote' },
    { what: 'what it does not know', plan: { ...PLAN, base: 'EUR' }, field: 'base' },
    { what: 'half a body', plan: '{"quote":"KRW"' },
    {
      what: 'an unknown currency',
      plan: { ...PLAN, quote: 'XQZ' },
      field: 'quote',
      status: 404,
      code: 'currency_unknown',
    },
    { what: 'the dollar itself', plan: { ...PLAN, quote: 'USD' }, status: 409, code: 'currency_is_base' },
    { what: 'a closed currency', plan: { ...PLAN, quote: 'HRK' }, status: 410, code: 'discontinued' },
    { what: 'a currency without rates', plan: { ...PLAN, quote: 'BYN' }, status: 404, code: 'no_data' },
    { what: 'a day before all rates', plan: { ...PLAN, asOf: '1998-06-01' }, status: 404, code: 'no_data' },
    { what: 'a day long after all rates', plan: { ...PLAN, asOf: '2031-06-01' }, status: 404, code: 'no_data' },
  ];
  it.each(refused)('refuses $what', async ({ plan, field, status = 400, code = 'invalid_request' }) => {
    const answer = await simulate(server, plan);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({ status, code });
    if (field !== undefined) expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('counts against a limit of its own, nobody’s writes', async () => {
    const caller = await signedIn(server, undefined);
    const { headers, status } = await simulate(server, PLAN, caller);
    expect(status).toBe(200);
    expect(headers.get('ratelimit-policy')).toContain('simulations-address');
    expect(headers.get('ratelimit-policy')).not.toContain('writes');
  });
});

describeWithRealFile('the simulation on the real figures of the ECB', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await startTestApp({ env: { ROLE: 'api', RATE_PROVIDERS: 'ecb', ECB_HISTORY_URL: REAL_ECB_FILE } });
    await fetchRates(server, 'ecb');
    await until(
      () => get(server, '/api/exchange-rate/KRW?asOf=2001-12-28'),
      ({ status }) => status === 200,
    );
  }, 60_000);
  afterAll(() => server.stop());

  async function published(quote: string): Promise<Leg[]> {
    const [header = '', ...lines] = (await readFile(REAL_ECB_FILE, 'utf8')).trim().split('\n');
    const column = (code: string) => header.split(',').indexOf(code);
    const cells = lines.map((line) => line.split(',')).filter((row) => row[column(quote)] !== 'N/A');
    return cells.map((row) => ({ date: row[0]!, quote: row[column(quote)]!, usd: row[column('USD')]! })).reverse();
  }

  it('buys won from April 2025 to March 2026', async () => {
    const { body } = await simulate(server, { ...PLAN, asOf: '2026-04-13' });
    expect(body).toMatchObject(expected(await published('KRW'), '2025-04-13', '2026-04-13', 12, 0));
    expect(body.purchases[0].date).toBe('2025-04-14');
    expect(body.purchases[11].date).toBe('2026-03-02');
    expect(body.date).toBe('2026-04-13');
  });

  it('counts the few months that a currency had', async () => {
    // Turkish lira in its present form: from 2005-01-03 on.
    const { body } = await simulate(server, { ...PLAN, quote: 'TRY', period: '2y', asOf: '2005-07-29' });
    const figures = expected(await published('TRY'), '2003-07-29', '2005-07-29', 24, 2);
    expect(figures.purchases).toHaveLength(7);
    expect(body).toMatchObject(figures);
    expect(body.assumptions).toContain('Only 7 of 24 months have an observation: 7 count, for the deposit too.');
  });
});
