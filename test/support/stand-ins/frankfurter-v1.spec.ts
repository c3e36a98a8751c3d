import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Dataset } from './dataset.js';
import { startFrankfurter } from './frankfurter.js';
import { type StandInServer } from './server.js';

interface Day {
  amount: number;
  base: string;
  date: string;
  rates: Record<string, number>;
}
interface Range {
  start_date: string;
  end_date: string;
  rates: Record<string, Record<string, number>>;
}

const dataset = new Dataset({ to: '2026-08-07' });
let server: StandInServer;

beforeAll(async () => {
  // A Sunday: the newest rates are of Friday the 7th.
  server = await startFrankfurter({ dataset, today: () => '2026-08-09' });
});

afterAll(() => server.close());

const call = (path: string): Promise<Response> => fetch(`${server.url}/v1/${path}`);

async function get<T>(path: string): Promise<T> {
  const response = await call(path);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

async function refusal(path: string): Promise<unknown> {
  const response = await call(path);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return { http: response.status, body: await response.json() };
}

const rateOf = (code: string, date: string): number => Number(dataset.ecb(code)?.at(date)?.rate);

describe('v1, one day', () => {
  test('latest and its alias; base EUR verbatim; amount as a float; keys sorted', async () => {
    const text = await (await call('latest')).text();
    expect(text).toMatch(/^\{"amount":1\.0,"base":"EUR","date":"2026-08-07","rates":\{"AUD":/);
    expect(text).toContain(`"KRW":${dataset.ecb('KRW')?.at('2026-08-07')?.rate ?? ''}`);
    const day = JSON.parse(text) as Day;
    expect(Object.keys(day.rates)).toEqual(Object.keys(day.rates).sort());
    expect(await (await call('current')).text()).toBe(text);
  });

  test('from beats base, to beats symbols, any case, lists, amount, unknown parameters', async () => {
    const day = await get<Day>('2026-08-05?from=usd&base=GBP&to=krw,Jpy&symbols=CHF&amount=10&colour=red');
    expect(day).toMatchObject({ amount: 10, base: 'USD', date: '2026-08-05' });
    expect(Object.keys(day.rates)).toEqual(['JPY', 'KRW']);
    const one = await get<Day>('2026-08-05?base=USD&symbols=EUR');
    expect(one.rates.EUR).toBeCloseTo(1 / rateOf('USD', '2026-08-05'), 4);
  });

  test('each currency’s newest row within 14 days back', async () => {
    expect((await get<Day>('2026-08-09')).date).toBe('2026-08-07');
    expect((await get<Day>('2023-01-13?symbols=HRK')).date).toBe('2022-12-30');
    expect(Object.keys((await get<Day>('2023-01-13')).rates)).toContain('HRK');
    expect(Object.keys((await get<Day>('2023-01-14')).rates)).not.toContain('HRK');
    expect(await refusal('2023-01-14?symbols=HRK')).toMatchObject({ http: 404 });
    expect((await get<Day>('2030-01-01')).date).toBe('2026-08-07');
  });

  test('coverage begins 1999-01-04', async () => {
    expect((await get<Day>('1999-01-04')).date).toBe('1999-01-04');
    expect(await refusal('1999-01-03')).toEqual({ http: 404, body: { message: 'not found' } });
  });

  test('an integer level is a float in JSON, too, where it is verbatim', async () => {
    const fresh = new Dataset({ from: '2004-12-01', to: '2004-12-31' });
    const other = await startFrankfurter({ dataset: fresh, today: () => '2004-12-31' });
    try {
      expect(await (await fetch(`${other.url}/v1/2004-12-31?symbols=TRL`)).text()).toMatch(/"TRL":\d+\.0\}/);
      expect(await (await fetch(`${other.url}/v1/2004-12-31?base=USD&symbols=TRL`)).text()).toMatch(/"TRL":\d+\}/);
    } finally {
      await other.close();
    }
  });

  test('currencies are code and name, 30 of them since BGN left', async () => {
    const names = await get<Record<string, string>>('currencies');
    expect(Object.keys(names)).toHaveLength(30);
    expect(names).not.toHaveProperty('BGN');
    expect(names).toMatchObject({ EUR: 'Euro', KRW: 'South Korean Won' });
    expect(Object.keys(names)).toEqual(Object.keys(names).sort());
  });
});

describe('v1, ranges', () => {
  test('with and without an end; dates as returned', async () => {
    const range = await get<Range>('2026-06-01..2026-06-30?symbols=USD');
    expect(range).toMatchObject({ amount: 1, base: 'EUR', start_date: '2026-06-01', end_date: '2026-06-30' });
    expect(Object.keys(range.rates)).toHaveLength(22);
    expect((await get<Range>('2026-08-01..?symbols=USD')).end_date).toBe('2026-08-07');
  });

  test('a silent start snaps back', async () => {
    const range = await get<Range>('2024-01-01..2024-01-03?symbols=USD');
    expect(range.start_date).toBe('2023-12-29');
    expect(Object.keys(range.rates)).toEqual(['2023-12-29', '2024-01-02', '2024-01-03']);
  });

  test.each(['2026-08-10..', '2027-01-01..2027-02-01', '2026-06-30..2026-06-01', '1990-01-01..1990-12-31'])(
    'empty, reversed or future: %s',
    async (path) => {
      expect(await refusal(path)).toEqual({ http: 404, body: { message: 'not found' } });
    },
  );
});

describe('v1 refusals', () => {
  test.each(['latest/', '2026-08-05/', 'nothing', '2026-8-5', '2026-08-052026-08-06', 'currencies/x'])(
    'no such path: %s',
    async (path) => {
      expect(await refusal(path)).toEqual({ http: 404, body: { status: 404, message: 'not found' } });
    },
  );

  test('unknown base or symbols: 404; unknown among known: left out', async () => {
    const none = { http: 404, body: { message: 'not found' } };
    expect(await refusal('latest?base=TWD')).toEqual(none);
    expect(await refusal('latest?symbols=TWD,QQQ')).toEqual(none);
    expect(Object.keys((await get<Day>('latest?symbols=TWD,USD')).rates)).toEqual(['USD']);
  });

  test.each([
    ['latest?base=USD&symbols=USD', 'bad currency pair'],
    ['2026-02-30', 'invalid date'],
    ['2026-01-01..2026-13-01', 'invalid date'],
    ['latest?amount=0', 'invalid amount'],
    ['latest?amount=-1', 'invalid amount'],
    ['latest?amount=much', 'invalid amount'],
  ])('%s is a 422: %s', async (path, message) => {
    expect(await refusal(path)).toEqual({ http: 422, body: { message } });
  });
});

describe('v1 rounding', () => {
  const own = new Dataset({ from: '2026-08-03', to: '2026-08-07' });
  let rounding: StandInServer;

  beforeAll(async () => {
    rounding = await startFrankfurter({ dataset: own, today: () => '2026-08-07' });
  });
  afterAll(() => rounding.close());

  async function crossed(legs: Record<string, string>, query: string): Promise<string> {
    own.add('2026-08-06', legs);
    return (await fetch(`${rounding.url}/v1/2026-08-06?${query}`)).text();
  }

  // Half of the leg, so that it is a computed rate of the size wanted.
  test.each([
    ['12001', '"KRW":6001}'],
    ['160.03', '"KRW":80.02}'],
    ['40.001', '"KRW":20.001}'],
    ['2.0001', '"KRW":1.0001}'],
    ['1.99999', '"KRW":1.0}'],
    ['0.0002098', '"KRW":0.0001}'],
    ['0.000199', '"KRW":0.0001}'],
    ['0.00019898', '"KRW":0.000099}'],
  ])('the ladder, halves up: %s', async (leg, expected) => {
    expect(await crossed({ KRW: leg }, 'symbols=KRW&amount=0.5')).toContain(expected);
  });

  test('legs are rounded before the quotient: results are off, inverses are ruined', async () => {
    // 116.6686 / 1.25 is 93.33488, so 93.33; but the leg becomes 116.67 first.
    expect(await crossed({ USD: '1.25', INR: '116.6686' }, 'base=USD&symbols=INR')).toContain('"INR":93.34}');
    expect(await crossed({ USD: '1.1684', KRW: '1740.86' }, 'base=KRW&symbols=USD')).toContain('"USD":0.00067}');
  });
});

test('v1 headers: a day’s cache life, and a tag that is the MD5 of the last date only', async () => {
  const tag = (date: string): string => `"${createHash('md5').update(date).digest('hex')}"`;
  const day = await call('2026-08-08');
  expect(day.headers.get('cache-control')).toBe('public, max-age=86400');
  expect(day.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(day.headers.get('etag')).toBe(tag('2026-08-07'));
  expect((await call('2026-06-01..2026-06-30?symbols=USD')).headers.get('etag')).toBe(tag('2026-06-30'));
  dataset.correct('2026-06-15', 'USD', '1.5');
  expect((await call('2026-06-01..2026-06-30?symbols=USD')).headers.get('etag')).toBe(tag('2026-06-30'));
});
