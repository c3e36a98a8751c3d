import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Dataset } from './dataset.js';
import { isTargetDay, weekday } from './days.js';
import { startFrankfurter, startFrankfurterOldHost } from './frankfurter.js';
import { type StandInServer } from './server.js';

interface Row {
  date: string;
  base: string;
  quote: string;
  rate: number;
  providers?: { key: string; rate: number }[];
}

const dataset = new Dataset({ to: '2026-08-07' });
let today = '2026-08-07';
let server: StandInServer;

beforeAll(async () => {
  server = await startFrankfurter({ dataset, today: () => today });
});

afterAll(() => server.close());

function call(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url + path, { headers, redirect: 'manual' });
}

async function rows(query: string): Promise<Row[]> {
  const response = await call(`/v2/rates?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Row[];
}

async function refusal(path: string): Promise<unknown> {
  const response = await call(path);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return { http: response.status, ...((await response.json()) as object) };
}

const md5 = (text: string): string => `"${createHash('md5').update(text).digest('hex')}"`;
const ecbText = (code: string, date: string): string => dataset.ecb(code)?.at(date)?.rate ?? 'none';

describe('v2 rates of the ECB', () => {
  test('base EUR echoes the published digits', async () => {
    const text = await (await call('/v2/rates?base=EUR&quotes=USD,KRW&providers=ECB&date=2026-08-05')).text();
    expect(text).toContain(`"quote":"KRW","rate":${ecbText('KRW', '2026-08-05')}`);
    expect(text).toContain(`"quote":"USD","rate":${ecbText('USD', '2026-08-05')}`);
  });

  test('both legs over a range, ascending, TARGET days only', async () => {
    const found = await rows('base=EUR&quotes=USD,KRW&providers=ECB&from=2026-06-01&to=2026-06-30');
    const days = [...new Set(found.map(({ date }) => date))];
    expect(days).toHaveLength(22);
    expect(days).toEqual([...days].sort());
    expect(days.every(isTargetDay)).toBe(true);
    expect(found.map(({ quote }) => quote).slice(0, 2)).toEqual(['KRW', 'USD']);
    expect(found).toHaveLength(44);
  });

  test('another base is crossed and rounded once', async () => {
    const [row] = await rows('base=USD&quotes=KRW&providers=ECB&date=2026-08-05');
    const exact = Number(ecbText('KRW', '2026-08-05')) / Number(ecbText('USD', '2026-08-05'));
    expect(row?.rate).toBe(Number(exact.toFixed(2)));
  });

  test('the identity row of the base is there unless quotes leaves it out', async () => {
    const identity = { date: '2026-08-05', base: 'EUR', quote: 'EUR', rate: 1 };
    expect(await rows('providers=ECB&date=2026-08-05')).toContainEqual(identity);
    expect(await rows('providers=ECB&date=2026-08-05&quotes=USD,EUR')).toContainEqual(identity);
    expect(await rows('providers=ECB&date=2026-08-05&quotes=EUR')).toEqual([identity]);
    expect((await rows('providers=ECB&date=2026-08-05&quotes=USD')).map(({ quote }) => quote)).toEqual(['USD']);
    const range = await rows('providers=ECB&from=2026-08-03&to=2026-08-05&quotes=USD,EUR');
    expect(range.filter(({ quote }) => quote === 'EUR').map(({ date }) => date)).toEqual([
      '2026-08-03',
      '2026-08-04',
      '2026-08-05',
    ]);
  });

  test('a range whose start is silent brings the newest row before it, under its own date', async () => {
    const found = await rows('base=EUR&quotes=USD&providers=ECB&from=2026-08-01&to=2026-08-04');
    expect(found.map(({ date }) => date)).toEqual(['2026-07-31', '2026-08-03', '2026-08-04']);
  });

  test('before coverage and beyond the look-back there is nothing', async () => {
    expect(await rows('providers=ECB&date=1998-12-31')).toEqual([]);
    expect(await rows('from=1990-01-01&to=1990-12-31')).toEqual([]);
    expect(await rows('providers=ECB&date=2023-02-01&quotes=HRK')).toEqual([]);
    expect(await rows('providers=ECB&base=TWD&date=2026-08-05')).toEqual([]);
    expect(await rows('providers=XYZ&date=2026-08-05')).toEqual([]);
  });

  test('nothing later than today is published', async () => {
    today = '2026-08-04';
    try {
      const found = await rows('base=EUR&quotes=USD&providers=ECB&from=2026-08-03');
      expect(found.map(({ date }) => date)).toEqual(['2026-08-03', '2026-08-04']);
    } finally {
      today = '2026-08-07';
    }
  });

  test('27 years of two legs', async () => {
    const found = await rows('base=EUR&quotes=USD,KRW&providers=ECB&from=1999-01-04');
    expect(found.length).toBeGreaterThan(14_000);
  });
});

describe('the v2 blend', () => {
  test('is for the currencies the ECB lacks, base USD, with weekend rows', async () => {
    const found = await rows('base=USD&quotes=TWD,VND&from=2026-07-27&to=2026-08-02');
    expect(found).toHaveLength(14);
    expect(found.some(({ date }) => weekday(date) === 0)).toBe(true);
    expect((await rows('date=2026-08-05')).length).toBeGreaterThan(55);
  });

  test('differs slightly from the ECB', async () => {
    const [blend] = await rows('base=USD&quotes=EUR&date=2026-08-05');
    const [ecb] = await rows('base=USD&quotes=EUR&date=2026-08-05&providers=ECB');
    expect(blend?.rate).not.toBe(ecb?.rate);
    expect(Math.abs((blend?.rate ?? 0) / (ecb?.rate ?? 1) - 1)).toBeLessThan(0.002);
  });

  test('latest may bear tomorrow’s date', async () => {
    const found = await rows('base=USD');
    expect(found.find(({ quote }) => quote === 'COP')?.date).toBe('2026-08-08');
    expect(found.find(({ quote }) => quote === 'AED')).toEqual({
      date: '2026-08-07',
      base: 'USD',
      quote: 'AED',
      rate: 3.6725,
    });
    expect(found.map(({ quote }) => quote)).toEqual(found.map(({ quote }) => quote).sort());
  });

  test('grouped by week and month: one averaged row per bucket', async () => {
    const monthly = await rows('base=USD&quotes=TWD&from=2026-01-01&to=2026-07-31&group=month');
    expect(monthly.map(({ date }) => date)).toEqual(
      ['01', '02', '03', '04', '05', '06', '07'].map((month) => `2026-${month}-01`),
    );
    const daily = await rows('base=USD&quotes=TWD&from=2026-01-01&to=2026-01-31');
    const mean = daily.reduce((sum, { rate }) => sum + rate, 0) / daily.length;
    expect(monthly[0]?.rate).toBeCloseTo(mean, 3);
    const weekly = await rows('base=USD&quotes=TWD&from=2026-07-01&to=2026-07-31&group=week');
    expect(weekly.map(({ date }) => weekday(date))).toEqual([1, 1, 1, 1, 1]);
  });

  test('expand=providers shows what was blended, not for the identity row', async () => {
    const found = await rows('base=EUR&quotes=USD,EUR&date=2026-08-05&expand=providers');
    expect(found[0]).not.toHaveProperty('providers');
    expect(found[1]?.providers?.map(({ key }) => key)).toEqual(['ECB', 'NBU']);
    expect(String(found[1]?.providers?.[0]?.rate)).toBe(ecbText('USD', '2026-08-05'));
  });
});

describe('v2 forms and neighbours', () => {
  test('CSV and NDJSON', async () => {
    const csv = await call('/v2/rates.csv?base=USD&quotes=AED&date=2026-08-05');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(await csv.text()).toBe('date,base,quote,rate\n2026-08-05,USD,AED,3.6725\n');
    const expanded = await call('/v2/rates.csv?base=USD&quotes=AED&date=2026-08-05&expand=providers');
    expect(await expanded.text()).toBe('date,base,quote,rate,providers\n2026-08-05,USD,AED,3.6725,NBU:3.6725\n');
    const lines = await call('/v2/rates?base=USD&quotes=AED,SAR&date=2026-08-05', { accept: 'application/x-ndjson' });
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson');
    expect(lines.headers.get('vary')).toBe('Accept');
    expect(
      (await lines.text())
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Row).quote),
    ).toEqual(['AED', 'SAR']);
    expect(await refusal('/v2/currencies.csv')).toMatchObject({ http: 406 });
  });

  test('a single pair, in any case', async () => {
    expect(await (await call('/v2/rate/usd/aed?date=2026-08-05')).json()).toEqual({
      date: '2026-08-05',
      base: 'USD',
      quote: 'AED',
      rate: 3.6725,
    });
    expect(await (await call('/v2/rate/USD/USD')).json()).toMatchObject({ quote: 'USD', rate: 1 });
    expect(await refusal('/v2/rate/EUR/XYZ')).toEqual({ http: 422, status: 422, message: 'invalid currency: XYZ' });
  });

  test('currencies, living and with scope=all, and one of them', async () => {
    const codes = async (path: string): Promise<string[]> =>
      ((await (await call(path)).json()) as { iso_code: string }[]).map(({ iso_code }) => iso_code);
    expect(await codes('/v2/currencies')).not.toContain('HRK');
    expect(await codes('/v2/currencies?scope=all')).toEqual(
      expect.arrayContaining(['HRK', 'TRL', 'TWD', 'EUR', 'USD']),
    );
    expect(await codes('/v2/currencies?providers=ECB')).not.toContain('TWD');
    expect(await (await call('/v2/currency/krw')).json()).toMatchObject({
      iso_code: 'KRW',
      iso_numeric: '410',
      start_date: '1999-01-04',
      end_date: '2026-08-07',
      providers: ['ECB', 'NBU'],
    });
    expect(await refusal('/v2/currency/xyz')).toEqual({ http: 404, status: 404, message: 'not found' });
  });

  test('providers say start, end and cadence', async () => {
    const list = (await (await call('/v2/providers')).json()) as Record<string, unknown>[];
    expect(list[0]).toMatchObject({
      key: 'ECB',
      start_date: '1999-01-04',
      end_date: '2026-08-07',
      publish_cadence: 'daily',
    });
  });

  test('the old host sends on to v1 with 301 and without CORS', async () => {
    const old = await startFrankfurterOldHost({ target: server.url });
    try {
      const response = await fetch(`${old.url}/latest?from=USD&to=KRW`, { redirect: 'manual' });
      expect(response.status).toBe(301);
      expect(response.headers.get('location')).toBe(`${server.url}/v1/latest?from=USD&to=KRW`);
      expect(response.headers.has('access-control-allow-origin')).toBe(false);
      expect((await call('/v1/latest')).headers.get('access-control-allow-origin')).toBe('*');
    } finally {
      await old.close();
    }
  });
});

describe('v2 refusals', () => {
  test.each([
    ['provider=ECB', 'unknown parameter: provider'],
    ['quotes=USD,QQQ', 'invalid currency: QQQ'],
    ['base=QQQ', 'invalid currency: QQQ'],
    ['date=2026-08-05&from=2026-08-01', 'conflicting params'],
    ['date=2026-02-30', 'invalid date'],
    ['from=2026-01-01&group=day', 'invalid group'],
    ['expand=colours', 'invalid expand: colours'],
  ])('%s is a 422: %s', async (query, message) => {
    expect(await refusal(`/v2/rates?${query}`)).toEqual({ http: 422, status: 422, message });
  });

  test('a daily range of over 5 years with providers, unless for few quotes, or grouped, or blended', async () => {
    const sixYears = 'from=2020-08-01&to=2026-08-07';
    expect(await refusal(`/v2/rates?${sixYears}&providers=ECB`)).toMatchObject({ http: 422 });
    expect(await refusal(`/v2/rates?${sixYears}&providers=ECB&quotes=USD,JPY,GBP,CHF,KRW,INR`)).toMatchObject({
      http: 422,
    });
    expect(await refusal(`/v2/rates?${sixYears}&providers=ECB,A,B,C,D,E&quotes=USD`)).toMatchObject({ http: 422 });
    expect(await rows(`${sixYears}&providers=ECB&quotes=USD,JPY,GBP,CHF,KRW`)).not.toEqual([]);
    expect(await rows(`${sixYears}&providers=ECB&group=month`)).not.toEqual([]);
    expect(await rows(`${sixYears}&base=USD&quotes=TWD`)).not.toEqual([]);
    expect(await rows('from=2021-08-07&to=2026-08-07&providers=ECB')).not.toEqual([]);
  });

  test('unknown paths', async () => {
    expect(await refusal('/v2/rates/')).toEqual({ http: 404, status: 404, message: 'not found' });
    expect(await refusal('/v3/rates')).toEqual({ http: 404, status: 404, message: 'not found' });
  });
});

test('the v2 ETag is the MD5 of the newest date and expand: a correction keeps it', async () => {
  const path = '/v2/rates?base=EUR&quotes=KRW&providers=ECB&from=2026-07-01&to=2026-07-31';
  const before = await call(path);
  const tag = md5('2026-07-31|');
  expect(before.headers.get('etag')).toBe(tag);
  expect((await call(`${path}&expand=providers`)).headers.get('etag')).toBe(md5('2026-07-31|providers'));
  dataset.correct('2026-07-15', 'KRW', '1234.56');
  const after = await call(path);
  expect(after.headers.get('etag')).toBe(tag);
  expect(await after.text()).not.toBe(await before.text());
  const kept = await call(path, { 'if-none-match': tag });
  expect(kept.status).toBe(304);
  expect(await kept.text()).toBe('');
});
