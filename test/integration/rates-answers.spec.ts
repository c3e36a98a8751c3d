import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { expectedChart, expectedPoints, fetchRates, get, signedIn, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Enough for two years up to HRK's last days and up to today. */
const dataset = new Dataset({ from: '2020-10-01', to: '2026-08-07' });
const chartPath = (quote: string, query = '') => `/api/exchange-rate/${quote}/chart${query}`;

describe('answers about stored rates', () => {
  let frankfurter: StandInServer;
  let server: TestApp;

  beforeAll(async () => {
    const clock = new SettableClock('2026-08-07T18:00:00Z');
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
    server = await startTestApp({ env, clock });
    await fetchRates(server, 'frankfurter');
    await until(
      () => get(server, chartPath('KRW', '?asOf=2022-12-15')),
      ({ status }) => status === 200,
    );
  });
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
  });

  it.each(['KRW', 'INR', 'MXN', 'JPY', 'GBP', 'EUR'])('crosses %s from the euro legs, rounded once', async (quote) => {
    const { status, body, headers } = await get(server, chartPath(quote));
    expect(status).toBe(200);
    expect(body).toEqual(expectedChart(dataset, 'USD', quote, '2026-08-07'));
    expect(Object.keys(body)).toEqual(['3m', '6m', '1y', '2y']);
    expect(headers.get('x-rates-provider')).toBe('frankfurter');
    expect(headers.get('x-rates-date')).toBe('2026-08-07');
    expect(headers.get('x-rates-stale')).toBe('false');
    // It is Friday evening, and today's figures are here: until the day in UTC ends.
    expect(headers.get('cache-control')).toBe('public, max-age=21600');
  });

  it('gives a published pair verbatim, and another base from the legs', async () => {
    expect((await get(server, chartPath('krw', '?base=eur'))).body).toEqual(
      expectedChart(dataset, 'EUR', 'KRW', '2026-08-07'),
    );
    expect((await get(server, chartPath('USD', '?base=KRW'))).body).toEqual(
      expectedChart(dataset, 'KRW', 'USD', '2026-08-07'),
    );
  });

  it('gives a blended currency verbatim, without weekends and without tomorrow', async () => {
    for (const quote of ['TWD', 'UAH']) {
      const { body, headers } = await get(server, chartPath(quote));
      const published = dataset.blend(quote)?.between('2026-05-07', '2026-08-07') ?? [];
      const weekdays = published.filter(({ date }) => ![0, 6].includes(new Date(date).getUTCDay()));
      expect(body['3m']).toEqual(weekdays.map(({ date, rate }) => ({ date, rate: Number(rate) })));
      expect(published.length).toBeGreaterThan(weekdays.length);
      expect(headers.get('x-rates-date')).toBe('2026-08-07');
    }
  });

  it('uses nothing later than asOf, and clamps the first day', async () => {
    const { body, headers } = await get(server, chartPath('KRW', '?asOf=2026-03-31'));
    expect(body).toEqual(expectedChart(dataset, 'USD', 'KRW', '2026-03-31'));
    expect(body['3m'][0].date).toBe('2025-12-31');
    expect(headers.get('x-rates-date')).toBe('2026-03-31');
    expect(headers.get('x-rates-stale')).toBe('false');
    const inMay = await get(server, chartPath('KRW', '?asOf=2026-05-31'));
    const points = expectedPoints(dataset, 'USD', 'KRW', '2026-02-28', '2026-05-31');
    expect(inMay.body['3m']).toEqual(points);
  });

  it('answers the newest rate with where it comes from and what each range did', async () => {
    const { status, body } = await get(server, '/api/exchange-rate/KRW');
    const points = expectedPoints(dataset, 'USD', 'KRW', '2026-05-07', '2026-08-07');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      base: 'USD',
      quote: 'KRW',
      rate: points.at(-1)?.rate,
      date: '2026-08-07',
      provider: 'frankfurter',
      publishedAt: '2026-08-07T14:00:00.000Z',
      fetchedAt: '2026-08-07T18:00:00.000Z',
      stale: false,
    });
    const lowest = Math.min(...points.map(({ rate }) => rate));
    expect(Object.keys(body.ranges)).toEqual(['3m', '6m', '1y', '2y']);
    expect(body.ranges['3m']).toMatchObject({
      first: points[0],
      last: points.at(-1),
      low: points.find(({ rate }) => rate === lowest),
    });
  });

  it('says the date of the observation that stood on a silent day', async () => {
    const { body, headers } = await get(server, '/api/exchange-rate/KRW?asOf=2026-08-02');
    expect(body.date).toBe('2026-07-31');
    expect(headers.get('x-rates-date')).toBe('2026-07-31');
  });

  it('lists the currencies', async () => {
    const { status, body } = await get(server, '/api/exchange-rate/currencies');
    expect(status).toBe(200);
    const byCode = new Map((body as { code: string }[]).map((entry) => [entry.code, entry]));
    const krw = { code: 'KRW', name: 'South Korean Won', first: '2020-10-01', last: '2026-08-07' };
    expect(byCode.get('KRW')).toEqual({ ...krw, provider: 'frankfurter', status: 'active' });
    expect(byCode.get('HRK')).toMatchObject({ last: '2022-12-30', status: 'discontinued' });
    expect(byCode.get('TWD')).toMatchObject({ status: 'active' });
    expect(byCode.has('USD')).toBe(true);
  });

  it('tells an unchanged answer by its ETag, with its origin on the 304 too', async () => {
    const etag = (await get(server, chartPath('KRW'))).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"/);
    // Left alone, fetch adds `no-cache` to a conditional request, which asks for a full answer.
    const again = await get(server, chartPath('KRW'), { 'if-none-match': etag, 'cache-control': 'max-age=0' });
    expect(again.status).toBe(304);
    expect(again.headers.get('x-rates-provider')).toBe('frankfurter');
    expect(again.headers.get('x-rates-date')).toBe('2026-08-07');
    expect(again.headers.get('x-rates-stale')).toBe('false');
  });

  const problems: { what: string; path: string; status: number; code: string; field?: string }[] = [
    { what: 'a code that nobody knows', path: chartPath('XQZ'), status: 404, code: 'currency_unknown', field: 'quote' },
    {
      what: 'no code at all',
      path: chartPath('won'.repeat(30)),
      status: 404,
      code: 'currency_unknown',
      field: 'quote',
    },
    {
      what: 'an unknown base',
      path: chartPath('KRW', '?base=XQZ'),
      status: 404,
      code: 'currency_unknown',
      field: 'base',
    },
    { what: 'a known currency without data', path: chartPath('BYN'), status: 404, code: 'no_data' },
    { what: 'a day before all data', path: chartPath('KRW', '?asOf=1998-06-01'), status: 404, code: 'no_data' },
    {
      what: 'a day whose rate nobody can know',
      path: '/api/exchange-rate/KRW?asOf=2027-01-15',
      status: 404,
      code: 'no_data',
    },
    { what: 'a currency that was closed', path: chartPath('HRK'), status: 410, code: 'discontinued' },
    { what: 'a closed currency as base', path: chartPath('KRW', '?base=HRK'), status: 410, code: 'discontinued' },
    { what: 'the base itself', path: chartPath('USD'), status: 409, code: 'currency_is_base' },
    {
      what: 'a day that is none',
      path: chartPath('KRW', '?asOf=2026-02-30'),
      status: 400,
      code: 'invalid_request',
      field: 'asOf',
    },
    {
      what: 'a day in words',
      path: chartPath('KRW', '?asOf=yesterday'),
      status: 400,
      code: 'invalid_request',
      field: 'asOf',
    },
    {
      what: 'an unknown parameter',
      path: chartPath('KRW', '?colour=red'),
      status: 400,
      code: 'invalid_request',
      field: 'colour',
    },
    {
      what: 'a repeated parameter',
      path: chartPath('KRW', '?asOf=2026-01-05&asOf=2026-01-06'),
      status: 400,
      code: 'invalid_request',
      field: 'asOf',
    },
    {
      what: 'a parameter as a list',
      path: chartPath('KRW', '?base[]=EUR'),
      status: 400,
      code: 'invalid_request',
      field: 'base[]',
    },
    {
      what: 'a base of four letters',
      path: chartPath('KRW', '?base=EURO'),
      status: 400,
      code: 'invalid_request',
      field: 'base',
    },
    {
      what: 'a parameter of the list',
      path: '/api/exchange-rate/currencies?all=1',
      status: 400,
      code: 'invalid_request',
      field: 'all',
    },
  ];
  it.each(problems)('refuses $what', async ({ path, status, code, field }) => {
    const answer = await get(server, path);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body.errors).toEqual(field === undefined ? undefined : [{ field, message: expect.any(String) }]);
  });

  it('charts a closed currency as of a day on which it lived, and names its last day afterwards', async () => {
    const { status, body } = await get(server, chartPath('HRK', '?asOf=2022-12-15'));
    expect(status).toBe(200);
    expect(body['3m']).toEqual(expectedPoints(dataset, 'USD', 'HRK', '2022-09-15', '2022-12-15'));
    expect((await get(server, chartPath('HRK'))).body.detail).toContain('2022-12-30');
  });

  describe('signed in', () => {
    it('charts the currency of the user, for the user alone', async () => {
      const korean = await signedIn(server, { country: 'KR', currency: 'KRW' });
      const own = await get(server, '/api/exchange-rate/chart', korean);
      expect(own.status).toBe(200);
      expect(own.text).toBe((await get(server, chartPath('KRW'))).text);
      expect(own.headers.get('cache-control')).toBe('private, no-cache');
      expect((await get(server, '/api/exchange-rate', korean)).body).toMatchObject({ quote: 'KRW', base: 'USD' });
      const earlier = await get(server, '/api/exchange-rate/chart?asOf=2026-03-31', korean);
      expect(earlier.text).toBe((await get(server, chartPath('KRW', '?asOf=2026-03-31'))).text);
    });

    it('says why there is no chart', async () => {
      const of = async (choice?: { country: string; currency: string }) =>
        get(server, '/api/exchange-rate/chart', await signedIn(server, choice));
      expect((await of()).body).toMatchObject({ status: 409, code: 'country_not_chosen' });
      expect((await of({ country: 'US', currency: 'USD' })).body).toMatchObject({
        status: 409,
        code: 'currency_is_base',
      });
      expect((await get(server, '/api/exchange-rate/chart')).body).toMatchObject({
        status: 401,
        code: 'not_signed_in',
      });
      expect((await get(server, '/api/exchange-rate')).status).toBe(401);
    });

    it('needs no outbound call and no query', async () => {
      const korean = await signedIn(server, { country: 'KR', currency: 'KRW' });
      await get(server, '/api/exchange-rate/chart', korean);
      const before = frankfurter.requests.length;
      const queries = await queriesDuring(async () => {
        expect((await get(server, '/api/exchange-rate/chart', korean)).status).toBe(200);
      });
      expect(queries).toEqual([]);
      const publicQueries = await queriesDuring(async () => {
        expect((await get(server, chartPath('KRW'))).status).toBe(200);
        expect((await get(server, '/api/exchange-rate/KRW')).status).toBe(200);
      });
      expect(publicQueries).toEqual([]);
      expect(frankfurter.requests).toHaveLength(before);
    });
  });
});

/** The statements of the application meanwhile: every one of TypeORM's goes through a query runner. */
async function queriesDuring(act: () => Promise<void>): Promise<string[]> {
  const queries: string[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called below with the `this` it is given
  const original = DataSource.prototype.createQueryRunner;
  DataSource.prototype.createQueryRunner = function (this: DataSource, ...mode) {
    const runner = original.apply(this, mode);
    const query = runner.query.bind(runner);
    runner.query = (sql: string, ...rest: []) => {
      queries.push(sql);
      return query(sql, ...rest);
    };
    return runner;
  };
  try {
    await act();
    return queries;
  } finally {
    DataSource.prototype.createQueryRunner = original;
  }
}
