import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AccessTokens } from '../../src/auth/tokens/access-tokens.service.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { RateSourcesRepository } from '../../src/exchange-rate/storage/rate-sources.repository.js';
import type { RateSource } from '../../src/exchange-rate/rate-sources.dto.js';
import type { User } from '../../src/users/user.js';
import { type Answer, fetchRates, get, signedIn, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import type { Fault } from '../support/stand-ins/faults.js';
import { ECB_ZIP_PATH, startEcbFile } from '../support/stand-ins/ecb-file.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const HOUR_MS = 3_600_000;
/** Whole histories are loaded before the first test. */
const LOADING_MS = 60_000;
const KRW = '/api/exchange-rate/KRW/chart?base=EUR';

describe('what is believed', () => {
  // Two sources that need not say the same.
  const figures = {
    frankfurter: new Dataset({ from: '2024-06-01', to: '2026-08-06' }),
    ecb: new Dataset({ from: '2024-06-01', to: '2026-08-06' }),
  };
  const clock = new SettableClock('2026-08-06T18:00:00Z');
  let frankfurter: StandInServer;
  let ecb: StandInServer;
  let server: TestApp;

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset: figures.frankfurter, today: () => clock.today() });
    ecb = await startEcbFile({ dataset: figures.ecb, today: () => clock.today() });
    const env = {
      ROLE: 'api',
      RATE_PROVIDERS: 'frankfurter,ecb',
      FRANKFURTER_URL: `${frankfurter.url}/v1`,
      ECB_HISTORY_URL: `${ecb.url}${ECB_ZIP_PATH}`,
    };
    server = await startTestApp({ env, clock });
    await fetchRates(server, 'frankfurter');
    await fetchRates(server, 'ecb');
  }, LOADING_MS);
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
    await ecb.close();
  });

  /** The day's figures of every currency as the day before, but for these. */
  const publish = (dataset: Dataset, date: string, before: string, changes: Record<string, string> = {}) => {
    const all = dataset.ecbCodes.flatMap((code) => {
      const rate = dataset.ecb(code)?.at(before)?.rate;
      return rate === undefined ? [] : [[code, rate] as const];
    });
    dataset.add(date, { ...Object.fromEntries(all), ...changes });
  };
  const times = (dataset: Dataset, date: string, code: string, factor: number) =>
    String(Math.round(Number(dataset.ecb(code)?.at(date)?.rate) * factor * 100) / 100);
  const asked = async (provider: string) => {
    clock.advance(7 * HOUR_MS);
    await fetchRates(server, provider);
  };
  const stored = async (provider: string, date: string, quote = 'KRW') => {
    const rows: { rate: string }[] = await server.database.dataSource.query(
      `SELECT rate FROM rate_observations o JOIN rate_series s ON s.id = o.series_id
        WHERE provider = $1 AND base = 'EUR' AND quote = $2 AND date = $3 AND superseded_at IS NULL`,
      [provider, quote, date],
    );
    return rows[0]?.rate;
  };
  const report = async (provider: string): Promise<RateSource> => {
    const answer = await get(server, '/api/admin/rates/sources', await administrator(server));
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    const all = answer.body as RateSource[];
    expect(all.map(({ name }) => name)).toEqual(['frankfurter', 'ecb']);
    return all.find(({ name }) => name === provider)!;
  };
  const health = async (provider: string) =>
    (await server.app.get(RateSourcesRepository, { strict: false }).of(provider))!;

  it('is all of a plain history, and the report says how each source does', async () => {
    const [first, second] = [await report('frankfurter'), await report('ecb')];
    expect(first).toMatchObject({
      name: 'frankfurter',
      title: 'Frankfurter',
      loadedFrom: '1999-01-04',
      newest: '2026-08-06',
      stale: false,
      lastAttemptAt: '2026-08-06T18:00:00.000Z',
      lastSuccessAt: '2026-08-06T18:00:00.000Z',
      failures: 0,
      lastError: null,
      nextDueAt: '2026-08-07T00:00:00.000Z',
      lastFullPassAt: '2026-08-06T18:00:00.000Z',
      fullPassReached: null,
      gaps: { days: 0, ranges: [] },
      quarantined: { count: 0, newest: [] },
    });
    expect(second).toMatchObject({ name: 'ecb', newest: '2026-08-06', quarantined: { count: 0 } });
    const [counted]: { n: number }[] = await server.database.dataSource.query(
      `SELECT count(*)::int AS n FROM rate_observations`,
    );
    expect(first.observations + second.observations).toBe(counted?.n);
    expect(first.series).toBeGreaterThan(25);
  });

  it('is not a jump by half: it is neither stored nor served, the rest of the day is', async () => {
    const high = times(figures.frankfurter, '2026-08-06', 'KRW', 1.5);
    publish(figures.frankfurter, '2026-08-07', '2026-08-06', { KRW: high });
    clock.set('2026-08-07T14:00:00Z');
    await fetchRates(server, 'frankfurter');
    expect(await stored('frankfurter', '2026-08-07')).toBeUndefined();
    expect(await stored('frankfurter', '2026-08-07', 'JPY')).toBe(
      figures.frankfurter.ecb('JPY')?.at('2026-08-07')?.rate,
    );
    const jpy = await until(
      () => get(server, '/api/exchange-rate/JPY?base=EUR'),
      ({ body }) => body.date === '2026-08-07',
    );
    expect(jpy.body.provider).toBe('frankfurter');
    const krw = await get(server, KRW);
    expect(lastPoint(krw).date).toBe('2026-08-06');
    expect(krw.text).not.toContain(high);
    const first = await report('frankfurter');
    expect(first.quarantined).toMatchObject({
      count: 1,
      newest: [{ base: 'EUR', quote: 'KRW', date: '2026-08-07', rate: high, reason: 'jump', times: 1 }],
    });
  });

  it('is a jump that a second source has, too: stored by the refresh after that, and out of quarantine', async () => {
    publish(figures.ecb, '2026-08-07', '2026-08-06', { KRW: times(figures.ecb, '2026-08-06', 'KRW', 1.48) });
    // Seen again, and still one source's word.
    await asked('frankfurter');
    expect((await report('frankfurter')).quarantined).toMatchObject({ count: 1, newest: [{ times: 2 }] });
    // The other source vouches for what the first doubts, and then the first for itself.
    await asked('ecb');
    expect(await stored('ecb', '2026-08-07')).toBe(figures.ecb.ecb('KRW')?.at('2026-08-07')?.rate);
    await asked('frankfurter');
    const believed = figures.frankfurter.ecb('KRW')?.at('2026-08-07')?.rate;
    expect(await stored('frankfurter', '2026-08-07')).toBe(believed);
    const krw = await until(
      () => get(server, KRW),
      (answer) => lastPoint(answer).date === '2026-08-07',
    );
    expect(lastPoint(krw).rate).toBe(Number(believed));
    for (const name of ['frankfurter', 'ecb']) expect((await report(name)).quarantined.count).toBe(0);
  });

  it('is no answer at all of which a fifth of the newest day is implausible', async () => {
    clock.set('2026-08-10T14:00:00Z');
    const shifted = Object.fromEntries(
      ['JPY', 'GBP', 'CHF', 'SEK', 'NOK', 'PLN', 'CZK'].map((code) => {
        return [code, times(figures.frankfurter, '2026-08-07', code, 100)];
      }),
    );
    publish(figures.frankfurter, '2026-08-10', '2026-08-07', shifted);
    await expect(fetchRates(server, 'frankfurter')).rejects.toThrow(
      /malformed, 7 of \d+ rates of 2026-08-10 are implausible/,
    );
    expect(await stored('frankfurter', '2026-08-10', 'USD')).toBeUndefined();
    expect(await health('frankfurter')).toMatchObject({ failures: 1, lastError: expect.stringMatching(/implausible/) });
    publish(figures.frankfurter, '2026-08-10', '2026-08-07');
    clock.advance(60_000);
    await fetchRates(server, 'frankfurter');
    expect(await stored('frankfurter', '2026-08-10', 'USD')).toBeDefined();
    expect(await health('frankfurter')).toMatchObject({ failures: 0, lastError: null });
  });

  it('is a correction of a day of the last weeks, found by a plain request the same day', async () => {
    const rate = times(figures.frankfurter, '2026-07-27', 'KRW', 1.01);
    figures.frankfurter.correct('2026-07-27', 'KRW', rate);
    const before = frankfurter.requests.length;
    await asked('frankfurter');
    expect(await stored('frankfurter', '2026-07-27')).toBe(rate);
    const conditions = frankfurter.requests.slice(before).flatMap(({ headers }) => Object.keys(headers));
    expect(conditions.filter((name) => name.startsWith('if-'))).toEqual([]);
  });

  it(
    'is a correction of an old day, found by the pass over everything a week later',
    async () => {
      const rate = times(figures.frankfurter, '2024-11-04', 'KRW', 1.01);
      figures.frankfurter.correct('2024-11-04', 'KRW', rate);
      await asked('frankfurter');
      expect(await stored('frankfurter', '2024-11-04')).not.toBe(rate);
      clock.set('2026-08-14T06:00:00Z');
      const reached: (string | null)[] = [];
      for (let stretch = 0; stretch < 40; stretch += 1) {
        await fetchRates(server, 'frankfurter');
        const { fullPassReached } = await health('frankfurter');
        reached.push(fullPassReached);
        if (fullPassReached === null) break;
        clock.advance(30 * 60_000);
      }
      expect(reached.slice(0, 2)).toEqual(['2025-08-15', '2024-08-15']);
      expect(await stored('frankfurter', '2024-11-04')).toBe(rate);
      expect(reached.at(-1)).toBeNull();
      const { fullPassAt } = await health('frankfurter');
      expect(fullPassAt?.getTime()).toBeGreaterThan(Date.parse('2026-08-14T18:00:00Z'));
    },
    LOADING_MS,
  );

  it('shows what is missing as gaps', async () => {
    const sql = `DELETE FROM rate_observations USING rate_series s
      WHERE series_id = s.id AND provider = 'ecb' AND quote = 'CHF' AND date IN ('2026-07-16', '2026-07-17', '2026-07-20')`;
    await server.database.dataSource.query(sql);
    const gaps = (await report('ecb')).gaps;
    expect(gaps.ranges).toContainEqual({ from: '2026-07-16', to: '2026-07-20' });
  });

  it('is not what a file says twice, or of days to come; its order makes no difference', async () => {
    clock.set('2026-08-20T06:00:00Z');
    const line = (date: string, krw?: string) => {
      const [usd, own] = ['USD', 'KRW'].map((code) => figures.ecb.ecb(code)?.at(date)?.rate);
      return `${date},${usd},${krw ?? own},\n`;
    };
    const body = [
      'Date,USD,KRW,\n',
      line('2026-08-05'),
      line('2026-08-07'),
      line('2026-08-06'),
      line('2026-08-06', '1.5'),
      '2026-12-24,5,5,\n',
    ].join('');
    const everything = () =>
      server.database.dataSource.query(
        `SELECT count(*), sum(rate), count(superseded_at), max(date) FROM rate_observations`,
      );
    const before: unknown = await everything();
    const plan = ecb.plan({ fault: { kind: 'status', status: 200, body } });
    await fetchRates(server, 'ecb');
    plan.clear();
    expect(await everything()).toEqual(before);
    const { newest } = (await report('ecb')).quarantined;
    expect(newest.map((figure) => `${figure.rate} ${figure.reason}`).sort()).toEqual(
      [`${figures.ecb.ecb('KRW')?.at('2026-08-06')?.rate} duplicate`, '1.5 duplicate'].sort(),
    );
    // The file as it should be settles it.
    await asked('ecb');
    expect((await report('ecb')).quarantined.count).toBe(0);
  });

  it('waits as long as the source asks to', async () => {
    clock.set('2026-09-01T06:00:00Z');
    const plan = frankfurter.plan({ fault: { kind: 'status', status: 429, headers: { 'retry-after': '7200' } } });
    await expect(fetchRates(server, 'frankfurter')).rejects.toThrow('status 429');
    plan.clear();
    const before = frankfurter.requests.length;
    clock.set('2026-09-01T07:59:00Z');
    await fetchRates(server, 'frankfurter');
    expect(frankfurter.requests).toHaveLength(before);
    expect((await report('frankfurter')).nextDueAt).toBe('2026-09-01T08:00:00.000Z');
    clock.set('2026-09-01T08:00:00Z');
    await fetchRates(server, 'frankfurter');
    expect(frankfurter.requests.length).toBeGreaterThan(before);
  });
});

describe('while the first source', () => {
  const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
  const clock = new SettableClock('2026-08-07T18:00:00Z');
  let frankfurter: StandInServer;
  let ecb: StandInServer;
  let server: TestApp;

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    ecb = await startEcbFile({ dataset, today: () => clock.today() });
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter,ecb', FRANKFURTER_URL: frankfurter.url };
    server = await startTestApp({ env: { ...env, ECB_HISTORY_URL: `${ecb.url}${ECB_ZIP_PATH}` }, clock });
    await fetchRates(server, 'ecb');
  }, LOADING_MS);
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
    await ecb.close();
  });

  const faults: [string, Fault][] = [
    ['says nothing', { kind: 'hang' }],
    ['sends headers and no more', { kind: 'hang', after: 'headers' }],
    ['drips', { kind: 'drip', everyMs: 1_000, pieceBytes: 1 }],
    ['closes the connection', { kind: 'drop' }],
    ['breaks off', { kind: 'half' }],
    ['sends a page', { kind: 'html' }],
    ['never ends', { kind: 'endless' }],
    ['fails', { kind: 'status', status: 500 }],
  ];
  it.each(faults)('%s, the second answers, and nobody waits for either', async (_what, fault) => {
    const plan = frankfurter.plan({ fault });
    clock.advance(60_000);
    const stop = new AbortController();
    const fetching = expect(fetchRates(server, 'frankfurter', stop.signal)).rejects.toThrow();
    await until(
      () => plan.hits,
      (hits) => hits > 0,
    );
    const { status, headers } = await get(server, `${KRW}&asOf=2026-08-07`);
    expect([status, headers.get('x-rates-provider')]).toEqual([200, 'ecb']);
    stop.abort();
    await fetching;
    plan.clear();
  });
});

describe('who is asked how often', () => {
  const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
  const clock = new SettableClock('2026-08-06T18:00:00Z');
  let frankfurter: StandInServer;
  const replicas: TestApp[] = [];
  const job = () => replicas.map(({ app }) => app.get(JobRunner, { strict: false }));

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const env = { ROLE: 'worker', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: `${frankfurter.url}/v1` };
    const first = await startTestApp({ env, clock });
    replicas.push(first, await startTestApp({ env, clock, sharing: first.database }));
    const sources = first.app.get(RateSourcesRepository, { strict: false });
    await until(
      () => sources.of('frankfurter'),
      (health) => health?.fullPassAt != null,
      20_000,
    );
  }, LOADING_MS);
  beforeEach(() => idle());
  afterAll(async () => {
    for (const replica of replicas.reverse()) await replica.stop();
    await frankfurter.close();
  });

  /** No run is queued or under way. */
  const idle = () =>
    until(
      async () => {
        const rows: { n: number }[] = await replicas[0]!.database.dataSource.query(
          `SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'rates.refresh.frankfurter' AND state < 'completed'`,
        );
        return rows[0]?.n;
      },
      (n) => n === 0,
      20_000,
    );

  it('the upstream once, however many replicas wake at the publication', async () => {
    const before = frankfurter.requests.length;
    clock.set('2026-08-07T14:00:00Z');
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const runner = job()[index % 2]!;
        const refresh = runner.registered.find(({ name }) => name === 'rates.refresh.frankfurter')!;
        return runner.enqueue(refresh, {}, 'due');
      }),
    );
    await until(
      () => frankfurter.requests.length,
      (count) => count > before,
      20_000,
    );
    await idle();
    const urls = frankfurter.requests.slice(before).map(({ url }) => url);
    expect(urls).toHaveLength(new Set(urls).size);
    expect(urls).toHaveLength(1);
  });

  it('the upstream not at all by 50 cold readers at once: what is stored is read once', async () => {
    const api = await startTestApp({
      env: { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: `${frankfurter.url}/v1` },
      clock,
      sharing: replicas[0]!.database,
    });
    const before = frankfurter.requests.length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(api, KRW)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text.length}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(frankfurter.requests).toHaveLength(before);
    await api.stop();
  });
});

function lastPoint({ body }: Answer): { date: string; rate: number } {
  const { '3m': points } = body as { '3m': { date: string; rate: number }[] };
  return points.at(-1)!;
}

async function administrator(server: TestApp): Promise<Record<string, string>> {
  await signedIn(server, undefined);
  const rows: { id: string }[] = await server.database.dataSource.query(
    `UPDATE users SET role = 'admin' WHERE id = (SELECT id FROM users LIMIT 1) RETURNING id`,
  );
  const id = (rows.flat() as { id: string }[])[0]?.id ?? '';
  const tokens = server.app.get(AccessTokens, { strict: false });
  return { authorization: `Bearer ${tokens.issue({ id: crypto.randomUUID(), user: { id, role: 'admin' } as User })}` };
}
