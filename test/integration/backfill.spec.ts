import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { BackfillRatesJob } from '../../src/exchange-rate/backfill-rates.job.js';
import { RatesRepository } from '../../src/exchange-rate/storage/rates.repository.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { TidyRunsJob } from '../../src/jobs/tidy-runs.job.js';
import { BACKFILLS, type Job, nothingDue, startOver, tableOf } from '../support/backfills.js';
import { API_KEYS, KeyOwner, withKey } from '../support/machine-credentials.js';
import { until } from '../support/rates.js';
import { problemOf, SignInHouse } from '../support/sign-in-house.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import type { TestApp } from '../support/test-app.js';

const dataset = new Dataset({ from: '2022-01-03', to: '2026-08-03' });
const YEARS = { provider: 'frankfurter', from: '2022-01-03', to: '2024-12-31' };
const FEW = { ...YEARS, quotes: ['KRW', 'JPY'] };
type Headers = Readonly<Record<string, string>>;

let frankfurter: StandInServer;
let house: SignInHouse;
let boss: KeyOwner;
let deputy: KeyOwner;
let job: BackfillRatesJob;
let repository: RatesRepository;

beforeAll(async () => {
  frankfurter = await startFrankfurter({ dataset, today: () => '2026-08-03' });
  house = await SignInHouse.open({
    ADMIN_EMAILS: 'boss@example.com,deputy@example.com',
    RATE_PROVIDERS: 'frankfurter',
    FRANKFURTER_URL: frankfurter.url,
  });
  [boss, deputy] = [await KeyOwner.signIn(house, 'boss'), await KeyOwner.signIn(house, 'deputy')];
  job = house.server.app.get(BackfillRatesJob, { strict: false });
  job.pieceRows = 3_000;
  repository = house.server.app.get(RatesRepository, { strict: false });
});
beforeEach(() => startOver(house.server.database));
afterEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  await house.close();
  await frankfurter.close();
});

const query = <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  house.server.database.dataSource.query(sql, values);
const post = (body: object, headers: Headers = boss.session) => house.send('POST', BACKFILLS, { body, headers });
const ask = (method: string, path: string, headers: Headers = boss.session) => house.send(method, path, { headers });

async function started(body: object, headers?: Headers): Promise<string> {
  const answer = await post(body, headers);
  const text = await answer.text();
  expect({ status: answer.status, text }).toMatchObject({ status: 202 });
  const { jobId } = JSON.parse(text) as { jobId: string };
  expect(answer.headers.get('location')).toBe(`/api/jobs/${jobId}`);
  expect(answer.headers.get('cache-control')).toBe('private, no-store');
  return jobId;
}

async function show(id: string, headers?: Headers): Promise<Job> {
  const answer = await ask('GET', `/api/jobs/${id}`, headers);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  return (await answer.json()) as Job;
}

/** One attempt, as the queue would make it. */
const attempt = (runId: string, signal = new AbortController().signal) => job.run({ runId }, { id: runId, signal });

/** Before the n-th piece is stored. Answers how to ask for the number of pieces so far. */
function atPiece(n: number, happens: () => Promise<unknown>): () => number {
  const store = repository.store.bind(repository);
  let pieces = 0;
  jest.spyOn(repository, 'store').mockImplementation(async (...piece) => {
    pieces += 1;
    if (pieces === n) await happens();
    return store(...piece);
  });
  return () => pieces;
}

describe('asking for a backfill', () => {
  it('makes a job that waits, and a message in the queue under the same id', async () => {
    const id = await started({ ...FEW, provider: 'frankfurter' });
    expect(await show(id)).toEqual({
      id,
      type: 'rates.backfill',
      state: 'queued',
      done: 0,
      total: 1094,
      error: null,
      createdAt: '2026-08-03T09:00:00.000Z',
      startedAt: null,
      finishedAt: null,
    });
    expect(await query(`SELECT data, state FROM pgboss.job WHERE id = $1`, [id])).toEqual([
      { data: { runId: id }, state: 'created' },
    ]);
  });

  it('leaves nothing where the queue does not take it', async () => {
    jest.spyOn(house.server.app.get(JobRunner), 'enqueueWithin').mockRejectedValueOnce(new Error('no queue'));
    expect((await post(FEW)).status).toBe(500);
    expect(await query(`SELECT 1 FROM job_runs`)).toEqual([]);
    expect(await query(`SELECT 1 FROM pgboss.job WHERE name = 'rates.backfill'`)).toEqual([]);
  });

  it('is answered the same job while one is under way, also of twenty at once', async () => {
    const same = { ...FEW, quotes: ['jpy', 'KRW', 'usd', 'krw'] };
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => started(n % 2 ? FEW : same)));
    expect(new Set(ids).size).toBe(1);
    expect(await query(`SELECT id FROM job_runs`)).toEqual([{ id: ids[0] }]);
    expect(await query(`SELECT id FROM pgboss.job WHERE name = 'rates.backfill'`)).toEqual([{ id: ids[0] }]);
    await attempt(ids[0] ?? '');
    expect(ids).not.toContain(await started(FEW));
  });

  it('is another job with other parameters, or of somebody else, or after a cancellation', async () => {
    const bodies = [
      FEW,
      YEARS,
      { ...FEW, to: '2024-12-30' },
      { ...FEW, from: '2022-01-04' },
      { ...FEW, quotes: ['KRW'] },
    ];
    const ids = [];
    for (const body of bodies) ids.push(await started(body));
    ids.push(await started(FEW, deputy.session));
    await ask('DELETE', `/api/jobs/${ids[0]}`);
    ids.push(await started(FEW));
    expect(new Set(ids).size).toBe(7);
  });

  it('ends today unless told otherwise', async () => {
    const id = await started({ provider: 'frankfurter', from: '2026-08-03' });
    expect(await started({ provider: 'frankfurter', from: '2026-08-03', to: '2026-08-03' })).toBe(id);
    expect((await show(id)).total).toBe(1);
  });

  it.each([
    ['no provider', { from: '2024-01-01' }, 'provider'],
    ['a provider that is off', { ...YEARS, provider: 'ecb' }, 'provider'],
    ['a provider that is none', { ...YEARS, provider: 'toString' }, 'provider'],
    ['no first day', { provider: 'frankfurter' }, 'from'],
    ['a day that is none', { ...YEARS, from: '2023-02-29' }, 'from'],
    ['a day before the source begins', { ...YEARS, from: '1999-01-03' }, 'from'],
    ['a day to come', { ...YEARS, to: '2026-08-04' }, 'to'],
    ['null for a day', { ...YEARS, to: null }, 'to'],
    ['an end before the beginning', { ...YEARS, to: '2022-01-02' }, 'from'],
    ['no quotes at all', { ...YEARS, quotes: [] }, 'quotes'],
    ['a quote that is none', { ...YEARS, quotes: ['KRW', 'QQQ'] }, 'quotes'],
    ['quotes that are no list', { ...YEARS, quotes: 'KRW' }, 'quotes'],
    ['a quote that is no text', { ...YEARS, quotes: [['KRW']] }, 'quotes'],
    ['too many quotes', { ...YEARS, quotes: Array.from({ length: 201 }, () => 'KRW') }, 'quotes'],
    ['an unknown property', { ...YEARS, force: true }, 'force'],
  ])('is refused with %s', async (_, body, field) => {
    const answer = await post(body);
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ field }] });
    expect(await query(`SELECT 1 FROM job_runs`)).toEqual([]);
  });
});

describe('who may', () => {
  it('needs the scope rates:write, with a session as with a key', async () => {
    const person = await KeyOwner.signIn(house, 'somebody');
    const reader = withKey((await boss.make(API_KEYS, { scopes: ['rates:read', 'profile:read'] })).key);
    const id = await started(FEW);
    for (const headers of [person.session, reader]) {
      for (const answer of [
        await post(FEW, headers),
        await ask('GET', `/api/jobs/${id}`, headers),
        await ask('DELETE', `/api/jobs/${id}`, headers),
      ]) {
        expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'scope_missing' });
      }
    }
    expect(await problemOf(await post(FEW, {}))).toMatchObject({ status: 401, code: 'not_signed_in' });
    expect((await show(id)).state).toBe('queued');
  });

  it('sees and cancels own jobs by session and key, all jobs as an administrator, and no others', async () => {
    const mine = withKey((await boss.make(API_KEYS, { scopes: ['rates:write'] })).key);
    const theirs = withKey((await deputy.make(API_KEYS, { scopes: ['rates:write'] })).key);
    const id = await started(FEW, mine);
    expect(await started(FEW)).toBe(id);
    for (const headers of [mine, boss.session, deputy.session]) expect((await show(id, headers)).id).toBe(id);
    expect((await show(id.toUpperCase())).id).toBe(id);
    for (const [unknown, headers] of [
      [id, theirs],
      [randomUUID(), boss.session],
      ['1', boss.session],
      ['%00', boss.session],
    ] as const) {
      for (const method of ['GET', 'DELETE']) {
        const answer = await ask(method, `/api/jobs/${unknown}`, headers);
        expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'job_unknown' });
      }
    }
    expect((await ask('DELETE', `/api/jobs/${id}`, deputy.session)).status).toBe(202);
    expect((await show(id, mine)).state).toBe('cancelled');
  });

  it('lists the jobs of all page by page, as an administrator in a session', async () => {
    const ids = [await started(FEW), await started(YEARS), await started(FEW, deputy.session)];
    const found: string[] = [];
    let next: string | null = '';
    for (let pages = 0; next !== null; pages++) {
      expect(pages).toBeLessThan(3);
      const answer = await ask('GET', `/api/admin/jobs?limit=1${next && `&after=${next}`}`);
      const page = (await answer.json()) as { jobs: (Job & { owner: string; params: object })[]; next: string | null };
      expect(page.jobs).toHaveLength(1);
      found.push(...page.jobs.map((entry) => entry.id));
      if (page.jobs[0]?.id === ids[2]) {
        expect(page.jobs[0]).toMatchObject({
          owner: deputy.userId,
          params: { ...FEW, quotes: ['JPY', 'KRW', 'USD'] },
        });
      }
      next = page.next;
    }
    expect(found.sort()).toEqual([...ids].sort());
    for (const bad of ['after=1', 'limit=0', 'state=queued']) {
      expect((await ask('GET', `/api/admin/jobs?${bad}`)).status).toBe(400);
    }
  });

  it('takes the jobs along with the account, and leaves them to nobody', async () => {
    const leaver = await KeyOwner.signIn(house, 'deputy');
    const id = await started(FEW, leaver.session);
    const account = (await (await ask('GET', '/api/users/me/export', leaver.session)).json()) as { jobs: object[] };
    expect(account.jobs).toMatchObject([{ id, type: 'rates.backfill', state: 'queued', params: { from: FEW.from } }]);
    expect((await ask('DELETE', '/api/users/me', leaver.session)).status).toBe(204);
    expect(await query(`SELECT 1 FROM job_runs r WHERE strpos(r::text, $1) > 0`, [leaver.userId])).toEqual([]);
    await attempt(id);
    expect((await show(id)).state).toBe('succeeded');
    deputy = await KeyOwner.signIn(house, 'deputy');
  });
});

describe('an attempt', () => {
  it('stores what was asked for and nothing else, exactly as published', async () => {
    const id = await started({ ...FEW, quotes: ['KRW'] });
    await attempt(id);
    const expected = ['KRW', 'USD'].flatMap((quote) =>
      (dataset.ecb(quote)?.between(YEARS.from, YEARS.to) ?? []).map(({ date, rate }) => ({ quote, date, rate })),
    );
    const stored = await query<{ quote: string; date: string; rate: string }>(
      `SELECT s.quote, o.date, o.rate FROM rate_observations o JOIN rate_series s ON s.id = o.series_id
        ORDER BY s.quote, o.date`,
    );
    // The stand-in writes whole numbers with a zero, as JSON of floating-point numbers does.
    expect(stored.map((row) => ({ ...row, rate: row.rate.replace(/\.0$/, '') }))).toEqual(expected);
    const finished = {
      state: 'succeeded',
      done: 1094,
      total: 1094,
      error: null,
      finishedAt: '2026-08-03T09:00:00.000Z',
    };
    expect(await show(id)).toMatchObject(finished);
  });

  it('is made again after a failure, and goes on where it was', async () => {
    const id = await started(FEW);
    const down = frankfurter.plan({ match: /from=2023-/, fault: { kind: 'status', status: 503 } });
    await expect(attempt(id)).rejects.toThrow('503');
    const waiting = await show(id);
    expect(waiting).toMatchObject({ state: 'queued', done: 366, finishedAt: null });
    expect(waiting.error).toBe('frankfurter: status 503');
    down.clear();
    const asked = frankfurter.requests.length;
    await attempt(id);
    expect(frankfurter.requests.slice(asked).filter(({ url }) => url.includes('2024'))).toEqual([]);
    expect(await show(id)).toMatchObject({ state: 'succeeded', done: 1094, error: null });
  });

  it('that fails again and again ends the job, in our own words', async () => {
    const id = await started(FEW);
    const down = frankfurter.plan({ fault: { kind: 'status', status: 500, body: 'a secret of theirs' } });
    for (let n = 0; n < 4; n++) await expect(attempt(id)).rejects.toThrow();
    expect((await show(id)).state).toBe('queued');
    await attempt(id);
    down.clear();
    const failed = await show(id);
    expect(failed).toMatchObject({ state: 'failed', done: 0, error: 'frankfurter: status 500' });
    expect(failed.finishedAt).not.toBeNull();
    await attempt(id);
    expect(await show(id)).toEqual(failed);
  });

  it('leaves the same table whether it ran once, twice, or was stopped before each piece', async () => {
    const all = { provider: 'frankfurter', from: '2024-07-01', to: '2025-06-30' };
    const once = await started(all);
    const count = atPiece(Infinity, () => Promise.resolve());
    await attempt(once);
    const pieces = count();
    jest.restoreAllMocks();
    const expected = await tableOf(house.server.database);
    expect(expected.rows).toBeGreaterThan(12_000);
    // So that years end within a piece, and pieces within a year.
    expect(pieces).toBeGreaterThan(4);

    await attempt(await started(all));
    expect(await tableOf(house.server.database)).toEqual(expected);

    await startOver(house.server.database);
    const stopped = await started(all);
    let done = -1;
    for (let n = 1; n <= pieces; n++) {
      const stop = new AbortController();
      // Each attempt gets as far as one piece, and is stopped before the next.
      atPiece(2, () => {
        stop.abort(new Error('the process stops'));
        return Promise.reject(stop.signal.reason as Error);
      });
      await attempt(stopped, stop.signal).catch(() => undefined);
      jest.restoreAllMocks();
      const now = await show(stopped);
      expect(now.done).toBeGreaterThan(done);
      done = now.done;
    }
    expect(await show(stopped)).toMatchObject({ state: 'succeeded', error: null });
    expect(await tableOf(house.server.database)).toEqual(expected);
  }, 60_000);

  it('that another has taken over stores nothing more, and tells no end', async () => {
    const id = await started(FEW);
    atPiece(2, async () => {
      jest.restoreAllMocks();
      await attempt(id);
    });
    await attempt(id);
    expect(await query(`SELECT attempts, failures, state FROM job_runs`)).toEqual([
      { attempts: 2, failures: 0, state: 'succeeded' },
    ]);
  });

  it('stores no piece once the job is cancelled, even where the news of it is lost', async () => {
    const id = await started(FEW);
    atPiece(2, () => query(`UPDATE job_runs SET cancel_requested_at = now()`));
    await attempt(id);
    expect(await show(id)).toMatchObject({ state: 'cancelled', done: 366, error: null });
    expect(await query(`SELECT min(date) FROM rate_observations`)).toEqual([{ min: '2024-01-02' }]);
  });
});

describe('cancelling', () => {
  it('ends a waiting job at once, and once more changes nothing', async () => {
    const id = await started(FEW);
    for (let n = 0; n < 2; n++) expect((await ask('DELETE', `/api/jobs/${id}`)).status).toBe(202);
    const cancelled = await show(id);
    expect(cancelled).toMatchObject({ state: 'cancelled', startedAt: null, finishedAt: '2026-08-03T09:00:00.000Z' });
    const asked = frankfurter.requests.length;
    await attempt(id);
    expect(frankfurter.requests.length).toBe(asked);
    expect(await show(id)).toEqual(cancelled);
  });

  it('is refused for a job that has ended', async () => {
    const id = await started(FEW);
    await attempt(id);
    const answer = await ask('DELETE', `/api/jobs/${id}`);
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'job_finished' });
    expect((await show(id)).state).toBe('succeeded');
  });
});

describe('tidying up', () => {
  it('ends what the queue has given up, and forgets what ended long ago', async () => {
    const [lost, well, old] = [await started(FEW), await started(YEARS), await started(FEW, deputy.session)];
    await query(`DELETE FROM pgboss.job WHERE id = $1`, [lost]);
    await attempt(old);
    await query(`UPDATE job_runs SET finished_at = '2026-05-01' WHERE id = $1`, [old]);
    await house.server.app.get(TidyRunsJob, { strict: false }).run();
    expect(await show(lost)).toMatchObject({ state: 'failed', error: expect.stringMatching(/worker/) });
    expect((await show(well)).state).toBe('queued');
    expect((await ask('GET', `/api/jobs/${old}`)).status).toBe(404);
  });
});

describe('with a worker', () => {
  let worker: TestApp;
  beforeAll(async () => {
    await nothingDue(house.server.database, 'frankfurter', house.clock.now());
    worker = await house.replica({ ROLE: 'worker' });
  });
  afterAll(() => worker.stop());
  const ends = (id: string) =>
    until(
      () => show(id),
      ({ state }) => !['queued', 'running'].includes(state),
      15_000,
    );

  it('lives from the request to its end, and tells its progress on the way', async () => {
    const listener = new pg.Client({ connectionString: house.server.database.url });
    const heard: Pick<Job, 'id' | 'state' | 'done' | 'total'>[] = [];
    listener.on('notification', ({ payload }) => heard.push(JSON.parse(payload ?? '') as Job));
    await listener.connect();
    await listener.query('LISTEN job_progress');
    const id = await started(FEW);
    expect(await ends(id)).toMatchObject({ state: 'succeeded', done: 1094, error: null });
    await until(
      () => heard,
      (news) => news.some(({ state }) => state === 'succeeded'),
    );
    await listener.end();
    expect(heard.map(({ state }) => state).filter((state, n, all) => state !== all[n - 1])).toEqual([
      'queued',
      'running',
      'succeeded',
    ]);
    expect(heard.at(-1)).toEqual({ id, state: 'succeeded', done: 1094, total: 1094 });
    const done = heard.map((news) => news.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect((await tableOf(house.server.database)).rows).toBeGreaterThan(2_000);
  });

  it('lets go of a source that does not answer when it is cancelled', async () => {
    const silent = frankfurter.plan({ match: /from=2023-/, fault: { kind: 'hang' } });
    const id = await started(FEW);
    await until(
      () => silent.hits,
      (hits) => hits > 0,
    );
    expect((await show(id)).state).toBe('running');
    expect((await ask('DELETE', `/api/jobs/${id}`)).status).toBe(202);
    expect(await ends(id)).toMatchObject({ state: 'cancelled', done: 366, error: null });
    silent.clear();
    expect(await query(`SELECT min(date) FROM rate_observations`)).toEqual([{ min: '2024-01-02' }]);
    // The message is done with as well: nothing is tried again.
    const [message] = await query<{ state: string }>(`SELECT state FROM pgboss.job WHERE id = $1`, [id]);
    expect(['active', 'completed']).toContain(message?.state);
  });
});
