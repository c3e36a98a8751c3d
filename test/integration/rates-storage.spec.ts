import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../libs/money/currency.js';
import type { Observation } from '../../src/exchange-rate/domain/observation.js';
import { pairKey } from '../../src/exchange-rate/domain/pair.js';
import { PastRatesRepository } from '../../src/exchange-rate/storage/past-rates.repository.js';
import { RateSourcesRepository } from '../../src/exchange-rate/storage/rate-sources.repository.js';
import { RatesRepository } from '../../src/exchange-rate/storage/rates.repository.js';
import { WhatWasKnownWhen1764100002000 } from '../../src/migrations/1764100002000-what-was-known-when.js';
import { isoDate } from '../../src/platform/time/iso-date.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

const FIRST = new Date('2026-08-05T15:00:00Z');
const SECOND = new Date('2026-08-06T15:00:00Z');
const EUR = currencyCode('EUR');

function row(quote: string, date: string, rate: string): Observation {
  return { base: EUR, quote: currencyCode(quote), date: isoDate(date), rate };
}

describe('stored observations', () => {
  let database: TestDatabase;
  let rates: RatesRepository;

  beforeAll(async () => {
    database = await testDatabase();
    rates = new RatesRepository(database.dataSource);
  });
  afterAll(() => database.drop());
  beforeEach(() => database.dataSource.query('TRUNCATE rate_series CASCADE'));

  const stored = (): Promise<Record<string, unknown>[]> =>
    database.dataSource.query(
      `SELECT quote, date, revision, rate, fetched_at AS "fetchedAt", superseded_at AS "supersededAt"
         FROM rate_observations o JOIN rate_series s ON s.id = o.series_id ORDER BY provider, quote, date, revision`,
    );
  const inForce = async (quote: string) => {
    const loaded = await rates.load('ecb', pairKey(EUR, currencyCode(quote)));
    return [...(loaded?.series ?? [])].map(({ date, rate }) => `${date} ${rate}`);
  };

  it('change nothing when the same rows come twice', async () => {
    const rows = [row('KRW', '2026-08-04', '1613.20'), row('USD', '2026-08-04', '1.1560')];
    expect(await rates.store('ecb', rows, FIRST)).toBe(2);
    const before = await stored();
    expect(await rates.store('ecb', rows, SECOND)).toBe(0);
    expect(await stored()).toEqual(before);
    expect(before).toMatchObject([
      { quote: 'KRW', revision: 1, rate: '1613.20', fetchedAt: FIRST, supersededAt: null },
      { quote: 'USD', revision: 1, rate: '1.1560', fetchedAt: FIRST, supersededAt: null },
    ]);
  });

  it('keep the digits as published, whatever their number', async () => {
    await rates.store(
      'ecb',
      [row('TRL', '2004-12-31', '1836200'), row('BTC', '2026-08-04', '0.0000098765432100')],
      FIRST,
    );
    expect(await inForce('TRL')).toEqual(['2004-12-31 1836200']);
    expect(await inForce('BTC')).toEqual(['2026-08-04 0.0000098765432100']);
    // The same figure in other digits is no correction.
    expect(await rates.store('ecb', [row('TRL', '2004-12-31', '1836200.00')], SECOND)).toBe(0);
  });

  it('close what is corrected and add a revision, with the time of both', async () => {
    await rates.store('ecb', [row('KRW', '2026-08-04', '1613.2')], FIRST);
    expect(await rates.store('ecb', [row('KRW', '2026-08-04', '1700.5')], SECOND)).toBe(1);
    expect(await stored()).toEqual([
      { quote: 'KRW', date: '2026-08-04', revision: 1, rate: '1613.2', fetchedAt: FIRST, supersededAt: SECOND },
      { quote: 'KRW', date: '2026-08-04', revision: 2, rate: '1700.5', fetchedAt: SECOND, supersededAt: null },
    ]);
    // And back again: a third figure, not the first one revived.
    await rates.store('ecb', [row('KRW', '2026-08-04', '1613.2')], new Date('2026-08-07T15:00:00Z'));
    expect((await stored()).map(({ revision }) => revision)).toEqual([1, 2, 3]);
    expect(await inForce('KRW')).toEqual(['2026-08-04 1613.2']);
  });

  it('take many corrections and new rows at once', async () => {
    const days = Array.from({ length: 300 }, (_, day) =>
      new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
    );
    await rates.store(
      'ecb',
      days.slice(0, 200).map((day) => row('KRW', day, '1600')),
      FIRST,
    );
    const later = days.map((day, index) => row('KRW', day, index % 2 === 0 ? '1600' : '1601'));
    expect(await rates.store('ecb', [...later, row('USD', '2025-01-01', '1.1')], SECOND)).toBe(100 + 100 + 1);
    const rows = await stored();
    expect(rows).toHaveLength(300 + 100 + 1);
    expect(rows.filter(({ supersededAt }) => supersededAt !== null)).toHaveLength(100);
    expect(await inForce('KRW')).toEqual(later.map(({ date, rate }) => `${date} ${rate}`));
  });

  it('count the last of several rows for one day', async () => {
    const rows = [row('KRW', '2026-08-04', '1'), row('USD', '2026-08-04', '1.1'), row('KRW', '2026-08-04', '1613.2')];
    expect(await rates.store('ecb', rows, FIRST)).toBe(2);
    expect(await inForce('KRW')).toEqual(['2026-08-04 1613.2']);
    expect(await stored()).toHaveLength(2);
  });

  it('know their first and last day', async () => {
    const span = async () => (await rates.catalogue()).map(({ firstDate, lastDate }) => [firstDate, lastDate]);
    await rates.store(
      'ecb',
      [row('KRW', '2026-08-04', '1'), row('KRW', '2026-08-06', '1'), row('KRW', '2026-08-05', '1')],
      FIRST,
    );
    expect(await span()).toEqual([['2026-08-04', '2026-08-06']]);
    await rates.store('ecb', [row('KRW', '1999-01-04', '1')], FIRST);
    await rates.store('ecb', [row('KRW', '2026-08-07', '1'), row('KRW', '2010-01-04', '1')], FIRST);
    expect(await span()).toEqual([['1999-01-04', '2026-08-07']]);
    expect(await rates.newestDate('ecb', ['EUR'])).toBe('2026-08-07');
    expect(await rates.newestDate('ecb', ['USD'])).toBeNull();
  });

  it('come out the same when two writers of one provider meet', async () => {
    const of = (rate: string) => ['KRW', 'JPY', 'USD'].map((quote) => row(quote, '2026-08-04', rate));
    const changes = await Promise.all([
      rates.store('ecb', of('1.5'), FIRST),
      rates.store('ecb', of('1.5'), FIRST),
      rates.store('frankfurter', of('1.5'), FIRST),
    ]);
    expect(changes.sort()).toEqual([0, 3, 3]);
    expect(await stored()).toHaveLength(6);
    await Promise.all(['2', '3', '2', '3'].map((rate) => rates.store('ecb', of(rate), SECOND)));
    const current = (await stored()).filter(({ supersededAt }) => supersededAt === null);
    expect(current).toHaveLength(6);
  });

  it('are never closed before they were stored, whatever the clock of the next writer says', async () => {
    await rates.store('ecb', [row('KRW', '2026-08-04', '1'), row('JPY', '2026-08-04', '1')], SECOND);
    const earlier = [row('KRW', '2026-08-04', '2'), row('KRW', '2026-08-05', '2')];
    expect(await rates.store('ecb', earlier, FIRST)).toBe(2);
    // A series that nobody wrote later bears the writer's own time.
    expect(await rates.store('ecb', [row('USD', '2026-08-04', '2')], FIRST)).toBe(1);
    const times = (await stored()).map(({ quote, date, revision, fetchedAt, supersededAt }) => [
      ...[quote, date, revision],
      ...[fetchedAt, supersededAt],
    ]);
    expect(times).toEqual([
      ['JPY', '2026-08-04', 1, SECOND, null],
      ['KRW', '2026-08-04', 1, SECOND, SECOND],
      ['KRW', '2026-08-04', 2, SECOND, null],
      ['KRW', '2026-08-05', 1, SECOND, null],
      ['USD', '2026-08-04', 1, FIRST, null],
    ]);
  });

  it('take no rate of zero or less, nor anything beside it', async () => {
    for (const rate of ['0', '-1.5', 'NaN', 'Infinity']) {
      const rows = [row('USD', '2026-08-04', '1.1'), row('KRW', '2026-08-04', rate)];
      await expect(rates.store('ecb', rows, FIRST)).rejects.toThrow();
    }
    expect(await stored()).toEqual([]);
    expect(await rates.catalogue()).toEqual([]);
  });
});

describe('since when a source reaches back', () => {
  let database: TestDatabase;
  let past: PastRatesRepository;
  let sources: RateSourcesRepository;

  beforeAll(async () => {
    database = await testDatabase();
    past = new PastRatesRepository(database.dataSource);
    sources = new RateSourcesRepository(database.dataSource);
  });
  afterAll(() => database.drop());
  beforeEach(() => database.dataSource.query('TRUNCATE rate_series, rate_sources, rate_loads CASCADE'));

  const THIRD = new Date('2026-08-07T15:00:00Z');
  const reached = async (at: Date) => Object.fromEntries(await past.loadedFrom(at));
  const before = (at: Date) => new Date(at.getTime() - 1);

  it('stays noted, whatever happens later', async () => {
    await sources.failed('ecb', FIRST, { error: 'ecb: timeout', retryAt: null, fullPass: false });
    await sources.succeeded('ecb', SECOND, { from: isoDate('2024-07-24'), whole: false });
    await sources.succeeded('frankfurter', SECOND, { from: isoDate('2024-07-24'), whole: false });
    await sources.succeeded('ecb', THIRD, { from: isoDate('1999-01-04'), whole: false });
    await sources.succeeded('ecb', new Date('2026-08-08T15:00:00Z'), { from: isoDate('2026-07-15'), whole: false });
    await sources.failed('ecb', new Date('2026-08-09T15:00:00Z'), {
      error: 'ecb: timeout',
      retryAt: null,
      fullPass: false,
    });
    expect(await reached(FIRST)).toEqual({});
    expect(await reached(before(SECOND))).toEqual({});
    expect(await reached(SECOND)).toEqual({ ecb: '2024-07-24', frankfurter: '2024-07-24' });
    expect(await reached(before(THIRD))).toEqual(await reached(SECOND));
    expect(await reached(THIRD)).toEqual({ ecb: '1999-01-04', frankfurter: '2024-07-24' });
    expect(await database.dataSource.query('SELECT count(*)::int AS rows FROM rate_loads')).toEqual([{ rows: 3 }]);
  });

  it('is told by the figures for the time before it was noted', async () => {
    const rates = new RatesRepository(database.dataSource);
    await rates.store('ecb', [row('USD', '2024-07-24', '1.1'), row('USD', '2026-08-04', '1.1')], FIRST);
    await rates.store('ecb', [row('USD', '2026-08-05', '1.1')], SECOND);
    await rates.store('ecb', [row('USD', '1999-01-04', '1.1')], THIRD);
    await rates.store('nobody', [row('USD', '1999-01-04', '1.1')], FIRST);
    await sources.succeeded('ecb', THIRD, { from: isoDate('1999-01-04'), whole: false });
    // Loaded, and none of its figures is there any more.
    await sources.succeeded('frankfurter', SECOND, { from: isoDate('2024-07-24'), whole: false });
    const runner = database.dataSource.createQueryRunner();
    const migration = new WhatWasKnownWhen1764100002000();
    await migration.down(runner);
    await migration.up(runner);
    await runner.release();
    expect(await reached(before(FIRST))).toEqual({});
    expect(await reached(FIRST)).toEqual({ ecb: '2024-07-24' });
    expect(await reached(before(THIRD))).toEqual({ ecb: '2024-07-24', frankfurter: '2024-07-24' });
    expect(await reached(THIRD)).toEqual({ ecb: '1999-01-04', frankfurter: '2024-07-24' });
  });
});

describe('the health of a source', () => {
  it('counts failures, forgets them after a success, and keeps the earliest day loaded', async () => {
    const database = await testDatabase();
    const sources = new RateSourcesRepository(database.dataSource);
    await sources.failed('ecb', FIRST, { error: 'ecb: timeout', retryAt: null, fullPass: false });
    await sources.failed('ecb', SECOND, { error: 'ecb: status 500', retryAt: null, fullPass: false });
    expect(await sources.all()).toEqual([
      {
        provider: 'ecb',
        attemptedAt: SECOND,
        succeededAt: null,
        failures: 2,
        loadedFrom: null,
        lastError: 'ecb: status 500',
        retryAt: null,
        fullPassAt: null,
        fullPassReached: null,
        fullPassTriedAt: null,
      },
    ]);
    await sources.succeeded('ecb', SECOND, { from: isoDate('2024-07-24'), whole: false });
    await sources.succeeded('ecb', SECOND, { from: isoDate('2026-07-15'), whole: false });
    await sources.failed('ecb', SECOND, { error: 'ecb: timeout', retryAt: null, fullPass: false });
    expect(await sources.of('ecb')).toMatchObject({ failures: 1, loadedFrom: '2024-07-24', succeededAt: SECOND });
    expect(await sources.of('frankfurter')).toBeUndefined();
    await database.drop();
  });
});
