import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { PgEvents } from '../../src/platform/events/pg-events.js';
import { ChosenCurrencies } from '../../src/users/chosen-currencies.js';
import { UsersRepository } from '../../src/users/users.repository.js';
import { expectedChart, fetchRates, signedIn, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const CHART = '/api/exchange-rate/KRW/chart';
const OWN_CHART = '/api/exchange-rate/chart';
const KOREAN = { country: 'KR', currency: 'KRW' };
/** A Thursday; its figures, the last that are ever fetched, are published. */
const EVENING = '2026-08-06T18:00:00Z';
const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
const clock = new SettableClock('2026-08-06T04:00:00Z');
const expected = () => expectedChart(dataset, 'USD', 'KRW', '2026-08-06');
/** One set of keys for both. */
const SIGNING_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});

let frankfurter: StandInServer;
let one: TestApp;
let other: TestApp;
const replica = (sharing?: TestApp['database']) =>
  startTestApp({
    env: {
      ROLE: 'api',
      RATE_PROVIDERS: 'frankfurter',
      FRANKFURTER_URL: `${frankfurter.url}/v1`,
      JWT_PRIVATE_KEY: String(SIGNING_KEY),
      PUBLIC_URL: 'http://127.0.0.1:3000',
    },
    clock,
    ...(sharing === undefined ? {} : { sharing }),
  });

beforeAll(async () => {
  frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
  one = await replica();
  other = await replica(one.database);
  await fetchRates(one, 'frankfurter');
  clock.set(EVENING);
  for (const server of [one, other]) {
    await until(
      () => ask(server, CHART),
      ({ status }) => status === 200,
    );
  }
});
afterAll(async () => {
  await other.stop();
  await one.stop();
  await frankfurter.close();
});
afterEach(() => void jest.restoreAllMocks());

interface Raw {
  readonly status: number;
  readonly headers: Record<string, string | undefined>;
  readonly bytes: Buffer;
}

/** As sent: `fetch` would decode it. */
function ask({ url }: TestApp, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(`${url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received as Raw['headers'], bytes: Buffer.concat(chunks) });
      });
    });
    call.on('error', reject);
    call.end();
  });
}

const json = ({ bytes }: Raw) => JSON.parse(bytes.toString('utf8')) as unknown;
const tagOf = async (server: TestApp, path: string, headers: Record<string, string> = {}) =>
  (await ask(server, path, headers)).headers['etag'] ?? '';

/** Statements of this test's processes that are no sign of life of a listener, from now on. */
function statements(): string[] {
  const seen: string[] = [];
  const query = Reflect.get(pg.Client.prototype, 'query') as (this: pg.Client, ...given: unknown[]) => unknown;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const text = typeof given[0] === 'string' ? given[0] : ((given[0] as { text?: string } | undefined)?.text ?? '');
    if (text !== 'SELECT 1') seen.push(text);
    return query.apply(this, given);
  });
  return seen;
}

describe('the chart as bytes', () => {
  it.each([
    ['identity', undefined, (bytes: Buffer) => bytes],
    ['gzip', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['br;q=0.1, gzip;q=0.9', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=0', undefined, (bytes: Buffer) => bytes],
  ] as const)('for Accept-Encoding %s is the chart', async (accepted, coding, decode) => {
    const answer = await ask(one, CHART, { 'accept-encoding': accepted });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-encoding']).toBe(coding);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['content-length']).toBe(String(answer.bytes.length));
    expect(answer.headers['vary']).toMatch(/(^|, )Accept-Encoding(,|$)/);
    expect(JSON.parse(decode(answer.bytes).toString())).toEqual(expected());
  });

  it('is compressed once, however many ask', async () => {
    const path = '/api/exchange-rate/JPY/chart';
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(one, path, { 'accept-encoding': 'br' })));
    const plain = await ask(one, path);
    for (const { bytes } of answers) expect(brotliDecompressSync(bytes).equals(plain.bytes)).toBe(true);
    expect(answers[0]?.bytes.length).toBeLessThan(plain.bytes.length / 3);
  });

  it('has one strong tag for each coding, the same on every replica and after a restart', async () => {
    const codings = ['identity', 'gzip', 'br'];
    const tags = (server: TestApp) =>
      Promise.all(codings.map((coding) => tagOf(server, CHART, { 'accept-encoding': coding })));
    const own = await tags(one);
    expect(new Set(own).size).toBe(3);
    for (const tag of own) expect(tag).toMatch(/^"[\w-]+"$/);
    expect(await tags(other)).toEqual(own);
    const restarted = await replica(one.database);
    try {
      expect(await tags(restarted)).toEqual(own);
    } finally {
      await restarted.stop();
    }
  });

  it('keeps its headers on HEAD, without a body', async () => {
    const headers = { 'accept-encoding': 'br' };
    const [get, head] = [await ask(one, CHART, headers), await ask(one, CHART, headers, 'HEAD')];
    expect(head.status).toBe(200);
    expect(head.bytes).toHaveLength(0);
    for (const name of ['etag', 'vary', 'content-length', 'content-encoding', 'cache-control', 'x-rates-date'])
      expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
  });

  it('keeps the headers of every answer', async () => {
    const answer = await ask(one, CHART, { 'x-request-id': 'a-request-of-ours' });
    expect(answer.headers).toMatchObject({
      'x-request-id': 'a-request-of-ours',
      'x-content-type-options': 'nosniff',
      'x-rates-provider': 'frankfurter',
      'x-rates-date': '2026-08-06',
      'x-rates-stale': 'false',
    });
  });

  it('may be kept until the publication, by everybody where it is of nobody', async () => {
    expect((await ask(one, CHART)).headers['cache-control']).toBe(`public, max-age=${6 * 3600}`);
    expect((await ask(one, `${CHART}?asOf=2026-03-31`)).headers['cache-control']).toBe('public, max-age=3600');
    const own = await ask(one, OWN_CHART, await signedIn(one, KOREAN));
    expect(own.headers['cache-control']).toBe('private, no-cache');
  });
});

describe('If-None-Match', () => {
  const paths = [CHART, '/api/exchange-rate/KRW', '/api/exchange-rate/currencies', '/api/countries'];

  it.each(paths)('of %s is answered 304 with the same headers', async (path) => {
    const full = await ask(one, path, { 'accept-encoding': 'gzip' });
    const tag = full.headers['etag'] ?? '';
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, `"a,b" ,W/${tag}`, '*']) {
      const { status, headers, bytes } = await ask(other, path, { 'accept-encoding': 'gzip', 'if-none-match': header });
      expect([header, status, bytes.length]).toEqual([header, 304, 0]);
      for (const name of ['etag', 'vary', 'cache-control', 'content-language', 'x-rates-provider', 'x-rates-stale'])
        expect([name, headers[name]]).toEqual([name, full.headers[name]]);
      expect(headers['x-request-id']).toBeDefined();
      expect(headers['content-length']).toBeUndefined();
    }
    expect((await ask(one, path, { 'accept-encoding': 'gzip', 'if-none-match': tag }, 'HEAD')).status).toBe(304);
  });

  it('of another coding, of something else or of nothing is answered in full', async () => {
    const tag = await tagOf(one, CHART, { 'accept-encoding': 'br' });
    for (const header of [tag, '"another"', tag.replaceAll('"', ''), '', 'W/', ',,']) {
      const { status, bytes } = await ask(one, CHART, { 'if-none-match': header });
      expect([header, status]).toEqual([header, 200]);
      expect(JSON.parse(bytes.toString())).toEqual(expected());
    }
  });

  it('of the own chart is the same as of the pair', async () => {
    const korean = await signedIn(one, KOREAN);
    const tag = await tagOf(one, CHART);
    expect(await ask(other, OWN_CHART, { ...korean, 'if-none-match': tag })).toMatchObject({ status: 304 });
  });

  it('hides no error: neither a currency that is none nor a caller who is nobody', async () => {
    expect(await ask(one, '/api/exchange-rate/QQQ/chart', { 'if-none-match': '*' })).toMatchObject({ status: 404 });
    expect(await ask(one, OWN_CHART, { 'if-none-match': '*' })).toMatchObject({ status: 401 });
  });
});

describe('lists', () => {
  it('of countries have a tag for each language', async () => {
    const [english, korean] = [
      await ask(one, '/api/countries'),
      await ask(one, '/api/countries', { 'accept-language': 'ko', 'accept-encoding': 'br' }),
    ];
    expect(english.headers['vary']).toBe('Accept-Language, Accept-Encoding');
    expect(korean.headers['content-language']).toBe('ko');
    expect(brotliDecompressSync(korean.bytes).toString()).toContain('대한민국');
    expect(await tagOf(other, '/api/countries', { 'accept-language': 'ko' })).not.toBe(english.headers['etag']);
    expect(await tagOf(other, '/api/countries')).toBe(english.headers['etag']);
  });

  it('of currencies are the same on every replica', async () => {
    const path = '/api/exchange-rate/currencies';
    expect(json(await ask(one, path))).toContainEqual(
      expect.objectContaining({ code: 'KRW', provider: 'frankfurter' }),
    );
    expect(await tagOf(one, path)).toBe(await tagOf(other, path));
  });
});

describe('what is kept', () => {
  it('is dropped by a correction on every replica within a second, and the tag comes back with the figures', async () => {
    const before = await tagOf(one, CHART);
    const rate = dataset.ecb('KRW')?.at('2026-08-04')?.rate ?? '';
    const corrected = async (to: string) => {
      dataset.correct('2026-08-04', 'KRW', to);
      await fetchRates(one, 'frankfurter');
      for (const server of [one, other]) {
        await until(
          async () => json(await ask(server, CHART)),
          (body) => JSON.stringify(body) === JSON.stringify(expected()),
          1_000,
        );
      }
    };
    // Six hours after the last time, everything is fetched again.
    clock.set('2026-08-06T17:00:00Z');
    await corrected('1800.5');
    const changed = await tagOf(one, CHART);
    expect(changed).toBe(await tagOf(other, CHART));
    expect(changed).not.toBe(before);
    clock.set('2026-08-06T23:00:00Z');
    await corrected(rate);
    clock.set(EVENING);
    expect(await tagOf(one, CHART)).toBe(before);
  });

  it('is not answered on the next day, nor once it is stale', async () => {
    const [today, newest] = [await tagOf(one, CHART), await tagOf(one, '/api/exchange-rate/KRW')];
    clock.set('2026-08-07T14:59:59Z');
    expect((await ask(one, CHART)).headers).toMatchObject({
      'x-rates-stale': 'false',
      'cache-control': 'public, max-age=30',
    });
    expect(await tagOf(one, CHART)).not.toBe(today);
    clock.set('2026-08-07T15:00:00Z');
    expect((await ask(one, CHART)).headers['x-rates-stale']).toBe('true');
    expect(json(await ask(one, '/api/exchange-rate/KRW'))).toMatchObject({ stale: true, date: '2026-08-06' });
    expect(await tagOf(one, '/api/exchange-rate/KRW')).not.toBe(newest);
    clock.set(EVENING);
    expect(await tagOf(one, CHART)).toBe(today);
    expect(await tagOf(one, `${CHART}?asOf=2026-08-06&base=usd`)).toBe(today);
    expect(await tagOf(one, `/api/exchange-rate/krw/chart`)).toBe(today);
  });
});

describe('the currency of a person', () => {
  const listening = async () => {
    for (const { app } of [one, other]) {
      await until(
        () => app.get(PgEvents, { strict: false }).listening,
        (isListening) => isListening,
      );
    }
  };
  const choose = (caller: Record<string, string>, country: string) =>
    fetch(`${one.url}/api/users/me`, {
      method: 'PATCH',
      headers: { ...caller, 'content-type': 'application/json' },
      body: JSON.stringify({ country }),
    });
  const chartOf = async (server: TestApp, caller: Record<string, string>) => tagOf(server, OWN_CHART, caller);

  it('costs one query at first, and none in the steady state', async () => {
    const korean = await signedIn(one, KOREAN);
    await listening();
    await ask(one, CHART);
    const seen = statements();
    expect((await ask(one, OWN_CHART, korean)).status).toBe(200);
    expect(seen).toEqual([expect.stringContaining('= ANY($1)')]);
    for (const coding of ['br', 'gzip', 'identity', 'br'])
      expect((await ask(one, OWN_CHART, { ...korean, 'accept-encoding': coding })).status).toBe(200);
    expect((await ask(one, '/api/exchange-rate', korean)).status).toBe(200);
    expect(seen).toHaveLength(1);
  });

  it('is seen on the other replica within a second of its change', async () => {
    const caller = await signedIn(one, undefined);
    await listening();
    for (const server of [one, other]) expect(await ask(server, OWN_CHART, caller)).toMatchObject({ status: 409 });
    for (const [country, currency] of [
      ['KR', 'KRW'],
      ['JP', 'JPY'],
    ] as const) {
      const wanted = await tagOf(one, `/api/exchange-rate/${currency}/chart`);
      expect((await choose(caller, country)).status).toBe(200);
      expect(await chartOf(one, caller)).toBe(wanted);
      await until(
        () => chartOf(other, caller),
        (tag) => tag === wanted,
        1_000,
      );
    }
  });

  it('is not kept as it was while it was being chosen', async () => {
    const caller = await signedIn(one, KOREAN);
    await listening();
    const users = one.app.get(UsersRepository, { strict: false });
    const read = users.currenciesOf.bind(users);
    let end = (): void => undefined;
    let isRead = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const hasRead = new Promise<void>((resolve) => (isRead = resolve));
    jest.spyOn(users, 'currenciesOf').mockImplementationOnce(async (ids) => {
      const rows = await read(ids);
      isRead();
      await ended;
      return rows;
    });
    const during = chartOf(one, caller);
    await hasRead;
    expect((await choose(caller, 'JP')).status).toBe(200);
    const after = chartOf(one, caller);
    expect(await after).toBe(await tagOf(one, '/api/exchange-rate/JPY/chart'));
    end();
    // It was asked before the change; whoever asks from now on is told the new one.
    expect(await during).toBe(await tagOf(one, CHART));
    expect(await chartOf(one, caller)).toBe(await after);
  });

  it('is right while the listener is cut off, and after', async () => {
    const caller = await signedIn(one, KOREAN);
    await listening();
    expect(await chartOf(other, caller)).toBe(await tagOf(one, CHART));
    const yen = await tagOf(one, '/api/exchange-rate/JPY/chart');
    await one.database.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'hackonomics-events' AND datname = current_database()`,
    );
    expect((await choose(caller, 'JP')).status).toBe(200);
    await until(
      () => chartOf(other, caller),
      (tag) => tag === yen,
      1_000,
    );
    await listening();
    expect(await chartOf(other, caller)).toBe(yen);
  });

  it('of fifty people at once is one query while nobody listens, and is not remembered', async () => {
    const people = await Promise.all(Array.from({ length: 50 }, () => newUser('KRW')));
    jest.spyOn(PgEvents.prototype, 'listening', 'get').mockReturnValue(false);
    const chosen = one.app.get(ChosenCurrencies, { strict: false });
    const seen = statements();
    const look = () => Promise.all([...people, ...people].map((id) => chosen.of(id)));
    expect(new Set(await look())).toEqual(new Set(['KRW']));
    expect(seen).toHaveLength(1);
    await look();
    expect(seen).toHaveLength(2);
    // What cannot be read is told to everybody who asked, and to nobody later.
    jest
      .spyOn(one.app.get(UsersRepository, { strict: false }), 'currenciesOf')
      .mockRejectedValueOnce(new Error('no database'));
    const results = await Promise.allSettled(people.map((id) => chosen.of(id)));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(await chosen.of(people[0] ?? '')).toBe('KRW');
  });

  it('of an account that is gone is not known any more, on either replica', async () => {
    const id = await newUser('KRW');
    await listening();
    for (const { app } of [one, other]) expect(await app.get(ChosenCurrencies, { strict: false }).of(id)).toBe('KRW');
    await one.database.dataSource.transaction(async (tx) => {
      await tx.query('DELETE FROM users WHERE id = $1', [id]);
      await PgEvents.publish(tx, 'user_currency', id);
    });
    for (const { app } of [one, other]) {
      await until(
        () => app.get(ChosenCurrencies, { strict: false }).of(id),
        (currency) => currency === undefined,
        1_000,
      );
    }
  });

  it('of somebody who deletes the account is 401 everywhere', async () => {
    const caller = await signedIn(one, KOREAN);
    await listening();
    for (const server of [one, other]) expect((await ask(server, OWN_CHART, caller)).status).toBe(200);
    const deleted = await fetch(`${one.url}/api/users/me`, { method: 'DELETE', headers: caller });
    expect(deleted.status).toBe(204);
    expect(await ask(one, OWN_CHART, caller)).toMatchObject({ status: 401 });
    await until(
      async () => json(await ask(other, OWN_CHART, caller)),
      (problem) => (problem as { code?: string }).code === 'session_ended',
      1_000,
    );
  });

  it.each([[null], [{}], [7]])('is read again after news that this version does not know: %j', async (news) => {
    const id = await newUser('KRW');
    await listening();
    const chosen = one.app.get(ChosenCurrencies, { strict: false });
    expect(await chosen.of(id)).toBe('KRW');
    await one.database.dataSource.transaction(async (tx) => {
      await tx.query(`UPDATE users SET currency = 'JPY' WHERE id = $1`, [id]);
      await PgEvents.publish(tx, 'user_currency', news);
    });
    await until(
      () => chosen.of(id),
      (currency) => currency === 'JPY',
      1_000,
    );
  });
});

async function newUser(currency: string): Promise<string> {
  const id = randomUUID();
  await one.database.dataSource.query(
    `INSERT INTO users (id, issuer, subject, email_verified, role, country, currency, created_at, last_login_at)
     VALUES ($1, 'https://issuer.test', $2, false, 'user', 'KR', $3, now(), now())`,
    [id, id, currency],
  );
  return id;
}
