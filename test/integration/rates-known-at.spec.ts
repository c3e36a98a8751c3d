import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectedChart, fetchRates, get, signedIn, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const FIRST = '2026-08-07T18:00:00.000Z';
const SECOND = '2026-08-08T01:00:00.000Z';
const THIRD = '2026-08-08T08:00:00.000Z';
const AFTERWARDS = '2026-08-14T12:00:00.000Z';

const before = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();

describe('what was known when', () => {
  const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
  const clock = new SettableClock(FIRST);
  /** By instant of storing and quote: the chart as of the Friday as the stand-in's figures made it then. */
  const charts = new Map<string, unknown>();
  let frankfurter: StandInServer;
  let env: Record<string, string>;
  let server: TestApp;

  const chart = (quote: string, knownAt: string, rest = '&asOf=2026-08-07') =>
    get(server, `/api/exchange-rate/${quote}/chart?knownAt=${knownAt}${rest}`);
  const newest = (quote: string, knownAt: string, rest = '') =>
    get(server, `/api/exchange-rate/${quote}?knownAt=${knownAt}${rest}`);
  const onDay = (body: Record<string, { date: string; rate: number }[]>, day: string) =>
    body['3m']?.find(({ date }) => date === day)?.rate;

  const fetchAt = async (instant: string) => {
    clock.set(instant);
    await fetchRates(server, 'frankfurter');
    for (const quote of ['KRW', 'JPY'])
      charts.set(`${instant} ${quote}`, expectedChart(dataset, 'USD', quote, '2026-08-07'));
  };

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
    server = await startTestApp({ env, clock });
    await fetchAt(FIRST);
    dataset.correct('2026-08-06', 'KRW', '1800.5');
    await fetchAt(SECOND);
    // One day for the second time, and the leg that all pairs with the dollar have in common.
    dataset.correct('2026-08-06', 'KRW', '1900.25');
    dataset.correct('2026-08-05', 'USD', '1.25');
    await fetchAt(THIRD);
    clock.set(AFTERWARDS);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
  });

  it.each([before(FIRST), '2020-01-01T00:00:00Z', '1990-01-01T00:00:00Z'])(
    'has nothing before the first fetch: %s',
    async (knownAt) => {
      for (const answer of [
        await chart('KRW', knownAt, ''),
        await newest('KRW', knownAt),
        await chart('KRW', knownAt),
      ]) {
        expect(answer.body).toMatchObject({ status: 404, code: 'no_data' });
        expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    },
  );

  it.each([
    { knownAt: FIRST, stored: FIRST },
    { knownAt: before(SECOND), stored: FIRST },
    { knownAt: SECOND, stored: SECOND },
    { knownAt: before(THIRD), stored: SECOND },
    { knownAt: THIRD, stored: THIRD },
    { knownAt: AFTERWARDS, stored: THIRD },
  ])('charts at $knownAt what was stored at $stored', async ({ knownAt, stored }) => {
    for (const quote of ['KRW', 'JPY']) {
      const { status, body, headers } = await chart(quote, knownAt);
      expect(status).toBe(200);
      expect(body).toEqual(charts.get(`${stored} ${quote}`));
      expect(headers.get('x-rates-provider')).toBe('frankfurter');
    }
  });

  it('tells two corrections of one day apart, and a correction of the dollar in every pair', async () => {
    const of = async (quote: string, day: string) => {
      const answers = await Promise.all([FIRST, SECOND, THIRD].map((instant) => chart(quote, instant)));
      return answers.map(({ body }) => onDay(body, day));
    };
    expect(new Set(await of('KRW', '2026-08-06')).size).toBe(3);
    const [yenFirst, yenSecond, yenThird] = await of('JPY', '2026-08-05');
    expect(yenSecond).toBe(yenFirst);
    expect(yenThird).not.toBe(yenSecond);
    expect((await chart('JPY', SECOND)).text).toBe((await chart('JPY', FIRST)).text);
    // Against the euro the yen was never corrected.
    const inEuro = '&base=EUR&asOf=2026-08-07';
    expect((await chart('JPY', THIRD, inEuro)).text).toBe((await chart('JPY', FIRST, inEuro)).text);
  });

  it('is what asOf alone leaves out: asOf answers with what is known now', async () => {
    const plain = await until(
      () => get(server, '/api/exchange-rate/KRW/chart?asOf=2026-08-07'),
      ({ body }) => onDay(body, '2026-08-05') === onDay(charts.get(`${THIRD} KRW`) as never, '2026-08-05'),
    );
    expect(plain.text).toBe((await chart('KRW', THIRD)).text);
    expect(plain.text).not.toBe((await chart('KRW', FIRST)).text);
  });

  it('is for the UTC date of the instant unless another day is named', async () => {
    expect((await chart('KRW', FIRST, '')).text).toBe((await chart('KRW', FIRST)).text);
    const next = await chart('KRW', SECOND, '');
    expect(next.text).toBe((await chart('KRW', SECOND, '&asOf=2026-08-08')).text);
    expect(next.text).not.toBe((await chart('KRW', SECOND)).text);
    const { body } = await newest('KRW', SECOND, '&asOf=2026-08-05');
    expect(body.date).toBe('2026-08-05');
  });

  it('takes a day after the instant, and has nothing later for it', async () => {
    const { status, body } = await newest('KRW', FIRST, '&asOf=2026-08-12');
    expect(status).toBe(200);
    expect(body).toMatchObject({ date: '2026-08-07', stale: false, fetchedAt: FIRST });
    expect((await newest('KRW', FIRST, '&asOf=2026-09-30')).body.code).toBe('no_data');
  });

  it('says when the figure was stored and whether it was stale then', async () => {
    const ofThursday = async (knownAt: string): Promise<object> =>
      (await newest('KRW', knownAt, '&asOf=2026-08-06')).body as object;
    expect(await ofThursday(before(SECOND))).toMatchObject({ date: '2026-08-06', fetchedAt: FIRST, stale: false });
    expect(await ofThursday(SECOND)).toMatchObject({ date: '2026-08-06', fetchedAt: SECOND });
    expect(await ofThursday(AFTERWARDS)).toMatchObject({ date: '2026-08-06', fetchedAt: THIRD });
    expect((await get(server, '/api/exchange-rate/KRW')).body.stale).toBe(true);
    const then = await newest('KRW', FIRST);
    expect(then.body).toMatchObject({ date: '2026-08-07', stale: false });
    expect(then.headers.get('x-rates-stale')).toBe('false');
    // Monday's figure was due at five in Frankfurt.
    expect((await newest('KRW', '2026-08-10T14:59:00Z')).body.stale).toBe(false);
    expect((await newest('KRW', '2026-08-10T15:01:00Z')).body.stale).toBe(true);
  });

  it.each([
    { at: '2026-08-08T10:00:00%2B09:00', aSecondBefore: '2026-08-08T09:59:59%2B09:00' },
    // A plus that is not escaped arrives as a space.
    { at: '2026-08-08T10:00:00+09:00', aSecondBefore: '2026-08-08T09:59:59+09:00' },
    { at: '2026-08-07T21:30:00-03:30', aSecondBefore: '2026-08-07T21:29:59-03:30' },
  ])('reads the zone of $at', async ({ at, aSecondBefore }) => {
    expect((await chart('KRW', at)).text).toBe((await chart('KRW', SECOND)).text);
    expect((await chart('KRW', aSecondBefore)).text).toBe((await chart('KRW', FIRST)).text);
    // The day is the one in UTC.
    expect((await chart('KRW', at, '')).text).toBe((await chart('KRW', SECOND, '')).text);
  });

  it.each([
    '2026-08-08',
    '2026-08-08T01:00:00',
    '2026-08-08T01:00Z',
    '2026-08-08T24:00:00Z',
    '2026-06-30T23:59:60Z',
    '2026-02-30T00:00:00Z',
    '2026-08-08T01:00:00%2009',
    '1989-12-31T23:59:59Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
    '2026-08-14T12:01:00.001Z',
    '1786150800000',
    'now',
    '',
    `${FIRST}&knownAt=${SECOND}`,
  ])('refuses %j', async (knownAt) => {
    for (const answer of [await chart('KRW', knownAt, ''), await newest('KRW', knownAt)]) {
      expect(answer.body).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(answer.body.errors).toEqual([{ field: 'knownAt', message: expect.any(String) }]);
    }
  });

  it('counts a clock that is a little ahead as now', async () => {
    const ahead = await newest('KRW', '2026-08-14T12:01:00Z');
    expect(ahead.status).toBe(200);
    expect(ahead.text).toBe((await newest('KRW', AFTERWARDS)).text);
  });

  it('is no parameter of the rates of a person, nor of the list', async () => {
    const korean = await signedIn(server, { country: 'KR', currency: 'KRW' });
    for (const path of ['/api/exchange-rate', '/api/exchange-rate/chart', '/api/exchange-rate/currencies']) {
      const { body } = await get(server, `${path}?knownAt=${FIRST}`, korean);
      expect(body).toMatchObject({ status: 400, errors: [{ field: 'knownAt' }] });
    }
  });

  it('keeps the other rules, as of that day', async () => {
    expect((await chart('HRK', FIRST, '')).body).toMatchObject({ status: 410, code: 'discontinued' });
    expect((await chart('USD', FIRST, '')).body).toMatchObject({ status: 409, code: 'currency_is_base' });
    expect((await chart('XQZ', FIRST, '')).body).toMatchObject({ status: 404, code: 'currency_unknown' });
    expect((await chart('BYN', FIRST, '')).body).toMatchObject({ status: 404, code: 'no_data' });
  });

  it('may be kept for long once it is past, and is asked for each time while it is young', async () => {
    const past = await chart('KRW', SECOND);
    expect(past.headers.get('cache-control')).toBe('public, max-age=86400, immutable');
    expect((await newest('KRW', SECOND)).headers.get('cache-control')).toBe('public, max-age=86400, immutable');
    expect((await chart('KRW', '2026-08-14T11:54:59Z')).headers.get('cache-control')).toContain('immutable');
    for (const young of [AFTERWARDS, '2026-08-14T11:55:00Z']) {
      expect((await chart('KRW', young)).headers.get('cache-control')).toBe('public, no-cache');
    }
    const again = await get(server, `/api/exchange-rate/KRW/chart?knownAt=${SECOND}&asOf=2026-08-07`, {
      'if-none-match': past.headers.get('etag') ?? '',
      'cache-control': 'max-age=0',
    });
    expect(again.status).toBe(304);
    expect(again.headers.get('x-rates-date')).toBe('2026-08-07');
    expect(again.headers.get('cache-control')).toContain('immutable');
  });

  it('is the same on another replica, and after a start', async () => {
    const paths = [FIRST, SECOND, THIRD].flatMap((knownAt) => [
      `/api/exchange-rate/KRW/chart?knownAt=${knownAt}`,
      `/api/exchange-rate/JPY?knownAt=${knownAt}`,
    ]);
    const other = await startTestApp({ env, clock, sharing: server.database });
    try {
      for (const path of paths) expect((await get(other, path)).text).toBe((await get(server, path)).text);
      expect((await get(other, `/api/exchange-rate/KRW?knownAt=${before(FIRST)}`)).body.code).toBe('no_data');
    } finally {
      await other.stop();
    }
  });
});
