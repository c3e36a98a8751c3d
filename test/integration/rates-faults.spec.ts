import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JoinLimit } from '../../src/exchange-rate/rate-desk.js';
import { RateSourcesRepository } from '../../src/exchange-rate/storage/rate-sources.repository.js';
import { fetchRates, get, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import type { Fault } from '../support/stand-ins/faults.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const CHART = '/api/exchange-rate/KRW/chart';
const HOUR_MS = 3_600_000;

/** The rate of every KRW row, replaced: all else is as it should be. */
function withRate(rate: string): Fault {
  const rows = ['USD', 'KRW'].map((quote) => {
    return `{"date":"2026-08-06","base":"EUR","quote":"${quote}","rate":${quote === 'KRW' ? rate : '1.16'}}\n`;
  });
  return { kind: 'status', status: 200, body: rows.join('') };
}

describe('a source that answers badly while rates are stored', () => {
  const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
  const clock = new SettableClock('2026-08-07T18:00:00Z');
  let frankfurter: StandInServer;
  let server: TestApp;
  let before: { text: string; figures: unknown };

  const figures = () =>
    server.database.dataSource.query(
      `SELECT count(*), sum(rate), max(revision), max(fetched_at), count(superseded_at) FROM rate_observations`,
    );
  const health = async () => (await server.app.get(RateSourcesRepository, { strict: false }).of('frankfurter'))!;

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset, today: () => '2026-08-07' });
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
    server = await startTestApp({ env, clock });
    await fetchRates(server, 'frankfurter');
    before = { text: (await get(server, CHART)).text, figures: await figures() };
  });
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
  });
  afterEach(() => frankfurter.clearPlans());

  const faults: { what: string; fault: Fault; says: RegExp }[] = [
    { what: 'closes the connection', fault: { kind: 'drop' }, says: /^frankfurter: unreachable, ECONNRESET$/ },
    { what: 'fails', fault: { kind: 'status', status: 500 }, says: /^frankfurter: status 500$/ },
    { what: 'limits us', fault: { kind: 'status', status: 429 }, says: /^frankfurter: status 429$/ },
    { what: 'sends a page', fault: { kind: 'html' }, says: /^frankfurter: malformed, an HTML page$/ },
    { what: 'breaks off', fault: { kind: 'half' }, says: /^frankfurter: (malformed|unreachable)/ },
    {
      what: 'sends half a text',
      fault: { kind: 'half', cut: 'clean' },
      says: /^frankfurter: malformed, a line that is no JSON$/,
    },
    {
      what: 'sends 100 MB',
      fault: { kind: 'endless' },
      says: /^frankfurter: (too_large, more than \d+ bytes|malformed)/,
    },
    {
      what: 'moves away',
      fault: { kind: 'redirect', to: 'http://127.0.0.1:1/' },
      says: /^frankfurter: redirected 302$/,
    },
    { what: 'sends nothing at all', fault: { kind: 'status', status: 200, body: '' }, says: /no ECB rate at all/ },
    { what: 'sends a rate of zero', fault: withRate('0'), says: /no positive rate of KRW on 2026-08-06: 0$/ },
    {
      what: 'sends a negative rate',
      fault: withRate('-1613.2'),
      says: /no positive rate of KRW on 2026-08-06: -1613.2$/,
    },
    { what: 'sends NaN', fault: withRate('NaN'), says: /a line that is no JSON$/ },
    { what: 'sends a text as rate', fault: withRate('"1613.2"'), says: /no number as rate of KRW on 2026-08-06/ },
    { what: 'sends no rate', fault: withRate('null'), says: /no number as rate of KRW on 2026-08-06/ },
  ];
  it.each(faults)('keeps nothing of it when it $what', async ({ fault, says }) => {
    // Which of the two answers is spoilt makes no difference; the legs are, so that the message is of them.
    frankfurter.plan({ match: /providers=ECB/, fault });
    clock.advance(7 * HOUR_MS);
    const { failures } = await health();
    await expect(fetchRates(server, 'frankfurter')).rejects.toThrow();
    expect(await figures()).toEqual(before.figures);
    expect(await health()).toMatchObject({ failures: failures + 1, lastError: expect.stringMatching(says) });
    const { status, text } = await get(server, `${CHART}?asOf=2026-08-07`);
    expect(status).toBe(200);
    expect(text).toBe(before.text);
  });

  it('waits no longer than it is told to stop', async () => {
    const plan = frankfurter.plan({ fault: { kind: 'hang', after: 'headers' } });
    clock.advance(7 * HOUR_MS);
    const stop = new AbortController();
    const fetching = fetchRates(server, 'frankfurter', stop.signal);
    await until(
      () => plan.hits,
      (hits) => hits > 0,
    );
    const { failures } = await health();
    stop.abort();
    await expect(fetching).rejects.toThrow();
    // A process that stops has learnt nothing about the source.
    expect((await health()).failures).toBe(failures);
  });

  it('is taken up again once it answers', async () => {
    clock.advance(15 * 60_000);
    dataset.correct('2026-08-06', 'KRW', '1999.9');
    await fetchRates(server, 'frankfurter');
    expect(await health()).toMatchObject({ failures: 0, lastError: null });
    const { body } = await until(
      () => get(server, `${CHART}?asOf=2026-08-07&base=EUR`),
      ({ text }) => text.includes('1999.9'),
    );
    expect(body['3m']).toContainEqual({ date: '2026-08-06', rate: 1999.9 });
  });
});

describe('with nothing stored', () => {
  const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
  const clock = new SettableClock('2026-08-07T18:00:00Z');
  let frankfurter: StandInServer;

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset, today: () => '2026-08-07' });
  });
  afterAll(() => frankfurter.close());
  afterEach(() => frankfurter.clearPlans());

  const appWith = (env: Record<string, string> = {}) =>
    startTestApp({
      env: {
        ROLE: 'api',
        RATE_PROVIDERS: 'frankfurter,ecb',
        ECB_HISTORY_URL: '/nowhere',
        FRANKFURTER_URL: frankfurter.url,
        ...env,
      },
      clock,
    });

  it('stands samples in once every source has failed, marked and never stored, until one answers', async () => {
    const server = await appWith();
    frankfurter.plan({ fault: { kind: 'status', status: 503 } });
    server.app.get(JoinLimit, { strict: false }).milliseconds = 100;
    await expect(fetchRates(server, 'frankfurter')).rejects.toThrow();
    // One has not been tried yet.
    expect((await get(server, CHART)).body).toMatchObject({ code: 'rates_not_ready' });
    await expect(fetchRates(server, 'ecb')).rejects.toThrow();
    const sample = await until(
      () => get(server, CHART),
      ({ status }) => status === 200,
    );
    expect(sample.headers.get('x-rates-provider')).toBe('sample');
    expect(sample.headers.get('x-rates-stale')).toBe('false');
    expect(sample.headers.get('cache-control')).toBe('no-store');
    expect(sample.body['2y'].length).toBeGreaterThan(500);
    expect((await get(server, '/api/exchange-rate/KRW')).body).toMatchObject({ provider: 'sample', fetchedAt: null });
    const stored = `SELECT (SELECT count(*) FROM rate_observations)::int + (SELECT count(*) FROM rate_series)::int AS rows`;
    expect(await server.database.dataSource.query(stored)).toEqual([{ rows: 0 }]);
    frankfurter.clearPlans();
    clock.advance(60_000);
    await fetchRates(server, 'frankfurter');
    const real = await until(
      () => get(server, CHART),
      ({ headers }) => headers.get('x-rates-provider') !== 'sample',
    );
    expect(real.headers.get('x-rates-provider')).toBe('frankfurter');
    // Never beside stored data: what the source lacks is missing.
    expect((await get(server, '/api/exchange-rate/BYN/chart')).body).toMatchObject({ code: 'no_data' });
    await server.stop();
  });

  it('stands samples in after 15 seconds without an answer', async () => {
    const server = await appWith();
    server.app.get(JoinLimit, { strict: false }).milliseconds = 50;
    expect((await get(server, CHART)).status).toBe(503);
    clock.advance(15_000);
    expect((await get(server, CHART)).headers.get('x-rates-provider')).toBe('sample');
    await server.stop();
  });

  it('makes nothing up in production', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const server = await appWith({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://rates.example.com',
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'secret of the client',
      JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      SESSION_SECRET: 'hLr2Ck6jUvQ0sM1x9Wq4Zt7Ny3Bp5Dg8Fa',
    });
    frankfurter.plan({ fault: { kind: 'status', status: 503 } });
    server.app.get(JoinLimit, { strict: false }).milliseconds = 50;
    await expect(fetchRates(server, 'frankfurter')).rejects.toThrow();
    await expect(fetchRates(server, 'ecb')).rejects.toThrow();
    clock.advance(60_000);
    const answer = await get(server, CHART);
    expect(answer.body).toMatchObject({ status: 503, code: 'rates_not_ready' });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect((await get(server, '/api/exchange-rate/currencies')).body).toEqual([]);
    await server.stop();
  });
});
