import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/platform/database/database.js';
import { PostgresLimitStore } from '../../src/platform/limits/limit-store.js';
import type { RateLimits } from '../../src/platform/limits/rate-limits.js';
import { schema } from '../../src/schema.js';
import { letThrough, limitsOfAProcess, refusedBy, storedKey } from '../support/limits.js';
import { freePort } from '../support/test-app.js';
import { type TestDatabase, testDatabase } from '../support/test-database.js';

let database: TestDatabase;
const opened: RateLimits[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const limits of opened) limits.onApplicationShutdown();
  await database.drop();
});

async function process(source: DataSource = database.dataSource, env = {}): Promise<RateLimits> {
  const limits = await limitsOfAProcess(source, env);
  opened.push(limits);
  return limits;
}

let hosts = 0;
/** An address that no other test has used. */
const someAddress = () => `198.51.100.${++hosts}`;

const rows = (key: string) =>
  database.dataSource.query<{ points: number; expire: string }[]>(
    'SELECT points, expire FROM rate_limits WHERE key = $1',
    [key],
  );

/** Ends a window now, as time would. */
const endWindow = (key: string) =>
  database.dataSource.query('UPDATE rate_limits SET expire = $2 WHERE key = $1', [key, Date.now() - 1]);

describe('a limit', () => {
  it('lets exactly as many through as it says, of 200 that come at once to two processes', async () => {
    const address = someAddress();
    const both = [await process(), await process()];
    expect(await letThrough(both, { name: 'failed_credentials', by: { address }, requests: 200 })).toBe(30);
    expect(await letThrough(both, { name: 'failed_credentials', by: { address }, requests: 20 })).toBe(0);
  });

  it('tells how it stands, for the address and the identity', async () => {
    const limits = await process();
    const by = { address: someAddress(), identity: 'user:tells' };
    await limits.take('writes', by);
    const states = await limits.take('writes', by);
    expect(states).toEqual([
      { name: 'writes-address', limit: 600, windowSeconds: 60, remaining: 598, resetSeconds: expect.any(Number) },
      { name: 'writes-identity', limit: 120, windowSeconds: 60, remaining: 118, resetSeconds: expect.any(Number) },
    ]);
    for (const { resetSeconds } of states) expect(resetSeconds === 60 || resetSeconds === 59).toBe(true);
  });

  it('counts only what it is for and what is known of the caller', async () => {
    const limits = await process();
    const names = async (by: object) => (await limits.take('writes', by)).map(({ name }) => name);
    expect(await names({ address: someAddress() })).toEqual(['writes-address']);
    expect(await names({ identity: 'user:homeless' })).toEqual(['writes-identity']);
    expect(await names({})).toEqual([]);
    const [state, ...others] = await limits.take('sign_in', { address: someAddress(), identity: 'user:x' });
    expect([state?.name, others]).toEqual(['sign_in-address', []]);
  });

  it('holds after a restart', async () => {
    const address = someAddress();
    const before = await process();
    await letThrough([before], { name: 'failed_credentials', by: { address }, requests: 30 });
    before.onApplicationShutdown();
    expect(await refusedBy(async () => (await process()).take('failed_credentials', { address }))).toMatchObject({
      code: 'too_many_requests',
      state: { name: 'failed_credentials-address', remaining: 0 },
    });
  });

  it('is fresh when its window has passed', async () => {
    const address = someAddress();
    const limits = await process();
    await letThrough([limits], { name: 'failed_credentials', by: { address }, requests: 29 });
    await endWindow(storedKey('failed_credentials-address', address));
    const [state] = await limits.take('failed_credentials', { address });
    expect(state).toMatchObject({ remaining: 29, resetSeconds: 60 });
    // And for a process that saw it used up at another one.
    await letThrough([limits], { name: 'failed_credentials', by: { address }, requests: 40 });
    await endWindow(storedKey('failed_credentials-address', address));
    expect(await letThrough([await process()], { name: 'failed_credentials', by: { address }, requests: 31 })).toBe(30);
  });

  it('that is used up costs the database nothing more', async () => {
    const address = someAddress();
    const limits = await process();
    await letThrough([limits], { name: 'failed_credentials', by: { address }, requests: 30 });
    const [before] = await rows(storedKey('failed_credentials-address', address));
    expect(await letThrough([limits], { name: 'failed_credentials', by: { address }, requests: 500 })).toBe(0);
    expect(await rows(storedKey('failed_credentials-address', address))).toEqual([before]);
  });

  it('is one for all addresses of a /64 of IPv6, and for no other', async () => {
    const limits = await process();
    for (let host = 1; host <= 30; host++) {
      await limits.take('failed_credentials', { address: `2001:db8:7:7:${host.toString(16)}::${host}` });
    }
    const refused = await refusedBy(() => limits.take('failed_credentials', { address: '2001:DB8:7:7::ffff' }));
    expect(refused?.state.remaining).toBe(0);
    expect(await refusedBy(() => limits.take('failed_credentials', { address: '2001:db8:7:8::1' }))).toBeUndefined();
  });

  it.each([
    ['0.1', 3],
    ['2', 60],
    ['0.0001', 1],
  ])('is multiplied by RATE_LIMIT_SCALE=%s', async (RATE_LIMIT_SCALE, limit) => {
    const limits = await process(database.dataSource, { RATE_LIMIT_SCALE });
    const by = { address: someAddress() };
    expect(await letThrough([limits], { name: 'failed_credentials', by, requests: limit + 5 })).toBe(limit);
  });

  it('is none at all with RATE_LIMIT_SCALE=0', async () => {
    const limits = await process(database.dataSource, { RATE_LIMIT_SCALE: '0' });
    const address = someAddress();
    for (let turn = 0; turn < 40; turn++) expect(await limits.take('failed_credentials', { address })).toEqual([]);
    expect(() => limits.refuseExhausted('failed_credentials', address)).not.toThrow();
    expect(await rows(storedKey('failed_credentials-address', address))).toEqual([]);
  });
});

describe('what is fair', () => {
  it('one caller uses up no more of an address than its own limit, however hard it tries', async () => {
    const limits = await process();
    const address = someAddress();
    const by = { address, identity: 'user:greedy' };
    expect(await letThrough([limits], { name: 'writes', by, requests: 200 })).toBe(120);
    expect(await letThrough([limits], { name: 'writes', by, requests: 600 })).toBe(0);
    expect(await rows(storedKey('writes-address', address))).toMatchObject([{ points: 120 }]);
    const neighbour = { address, identity: 'user:neighbour' };
    expect(await letThrough([limits], { name: 'writes', by: neighbour, requests: 10 })).toBe(10);
  });

  it('a caller whose address is used up by others loses nothing of its own', async () => {
    const limits = await process();
    const address = someAddress();
    await letThrough([limits], { name: 'writes', by: { address }, requests: 600 });
    const by = { address, identity: 'user:unlucky' };
    expect((await refusedBy(() => limits.take('writes', by)))?.state.name).toBe('writes-address');
    expect(await rows(storedKey('writes-identity', 'user:unlucky'))).toEqual([]);
    const [, own] = await limits.take('writes', { ...by, address: someAddress() });
    expect(own).toMatchObject({ name: 'writes-identity', remaining: 119 });
  });
});

describe('an address that has guessed too often', () => {
  it('is refused from memory alone, at once and without being counted', async () => {
    const limits = await process();
    const address = someAddress();
    const refuse = () => limits.refuseExhausted('failed_credentials', address);
    for (let guess = 0; guess < 30; guess++) {
      expect(refuse).not.toThrow();
      await limits.take('failed_credentials', { address });
    }
    expect(refuse).toThrow(expect.objectContaining({ kind: 'too_many', retryAfterSeconds: expect.any(Number) }));
    expect(() => limits.refuseExhausted('failed_credentials', someAddress())).not.toThrow();
    expect(() => limits.refuseExhausted('failed_credentials', undefined)).not.toThrow();
    expect(() => limits.refuseExhausted('writes', address)).not.toThrow();
    expect(await rows(storedKey('failed_credentials-address', address))).toMatchObject([{ points: 30 }]);
  });
});

describe('without its store', () => {
  let warn: jest.SpiedFunction<Logger['warn']>;
  beforeEach(() => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('counts in memory where the table is locked, and in the table again when it is free', async () => {
    const limits = await process();
    const address = someAddress();
    const locker = database.dataSource.createQueryRunner();
    await locker.startTransaction();
    await locker.query('LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE');
    try {
      expect(await limits.take('failed_credentials', { address })).toMatchObject([{ remaining: 29 }]);
      // One request has waited. Were each of these to wait a second for the store, the test would run out of time.
      for (let turn = 0; turn < 29; turn++) await limits.take('failed_credentials', { address });
      expect(await refusedBy(() => limits.take('failed_credentials', { address }))).toBeDefined();
      expect(() => limits.refuseExhausted('failed_credentials', address)).toThrow();
    } finally {
      await locker.rollbackTransaction();
      await locker.release();
    }
    const later = performance.now() + 3_000;
    jest.spyOn(performance, 'now').mockReturnValue(later);
    const other = someAddress();
    await limits.take('failed_credentials', { address: other });
    await limits.take('failed_credentials', { address: other });
    expect(await rows(storedKey('failed_credentials-address', other))).toMatchObject([{ points: 2 }]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('counts in memory where nothing listens, where nobody answers, and after the database was closed', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const held: Socket[] = [];
    silent.on('connection', (socket) => held.push(socket));
    const closed = new DataSource(dataSourceOptions(database.url, schema, 1));
    await closed.initialize();
    await closed.destroy();
    const pools = [await freePort(), (silent.address() as AddressInfo).port].map(unreachable);
    for (const source of [closed, ...pools.map(asDatabase)]) {
      const limits = await process(source);
      const by = { address: someAddress() };
      expect(await letThrough([limits], { name: 'failed_credentials', by, requests: 50 })).toBe(30);
    }
    silent.close();
    for (const socket of held) socket.destroy();
    for (const pool of pools) await pool.end();
  });
});

/** At a port where no database answers. */
function unreachable(port: number): pg.Pool {
  return new pg.Pool({ host: '127.0.0.1', port, max: 2, connectionTimeoutMillis: 3_000 });
}

function asDatabase(pool: pg.Pool): DataSource {
  const query = async (text: string, values: unknown[]) => (await pool.query<object>(text, values)).rows;
  return { query } as unknown as DataSource;
}

describe('the table', () => {
  it('is spoken to without named statements, which a transaction pooler does not know', async () => {
    const one = new DataSource(dataSourceOptions(database.url, schema, 1));
    await one.initialize();
    try {
      const limits = await process(one);
      await limits.take('writes', { address: someAddress(), identity: 'user:unnamed' });
      await new PostgresLimitStore(one).deleteExpired();
      expect(await one.query('SELECT name FROM pg_prepared_statements')).toEqual([]);
    } finally {
      await one.destroy();
    }
  });

  it('loses what is long over, and nothing else', async () => {
    const minutes = (count: number) => Date.now() + count * 60_000;
    await database.dataSource.query(
      `INSERT INTO rate_limits SELECT 'old:' || n, 1, $1 FROM generate_series(1, 12000) AS n`,
      [minutes(-2)],
    );
    await database.dataSource.query(`INSERT INTO rate_limits VALUES ('just over', 1, $1), ('running', 1, $2)`, [
      Date.now() - 1_000,
      minutes(1),
    ]);
    const store = new PostgresLimitStore(database.dataSource);
    await Promise.all([store.deleteExpired(), store.deleteExpired()]);
    expect(await rows('running')).toHaveLength(1);
    // The clock of another replica may be behind.
    expect(await rows('just over')).toHaveLength(1);
    const [left] = await database.dataSource.query<{ count: string }[]>(
      `SELECT count(*) FROM rate_limits WHERE key LIKE 'old:%'`,
    );
    expect(left).toEqual({ count: '0' });
  });

  it('is tidied by one timer of each process, until that stops', async () => {
    const timers = jest.spyOn(globalThis, 'setInterval');
    const cleared = jest.spyOn(globalThis, 'clearInterval');
    try {
      const limits = await limitsOfAProcess(database.dataSource);
      expect(timers.mock.calls.map(([, everyMs]) => everyMs)).toEqual([60_000]);
      const timer = timers.mock.results[0]?.value as NodeJS.Timeout;
      expect(timer.hasRef()).toBe(false);
      await database.dataSource.query(`INSERT INTO rate_limits VALUES ('to be tidied', 1, 0)`);
      timers.mock.calls[0]?.[0]();
      while ((await rows('to be tidied')).length > 0);
      limits.onApplicationShutdown();
      expect(cleared).toHaveBeenCalledWith(timer);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('is not written ahead: a count is never worth a flush', async () => {
    const [table] = await database.dataSource.query<{ relpersistence: string }[]>(
      `SELECT relpersistence FROM pg_class WHERE relname = 'rate_limits'`,
    );
    expect(table).toEqual({ relpersistence: 'u' });
  });
});
