import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../libs/money/currency.js';
import { PgEvents } from '../platform/events/pg-events.js';
import { isoDate } from '../platform/time/iso-date.js';
import { type PairKey, pairKey } from './domain/pair.js';
import { RateBook } from './rate-book.js';
import { RateSourcesRepository } from './storage/rate-sources.repository.js';
import { LoadedSeries, RatesRepository, type StoredSeries } from './storage/rates.repository.js';
import { RATE_SOURCE_CHANGED, RATES_CHANGED } from './storage/rates-changed.js';

const [EUR, USD, KRW, JPY] = ['EUR', 'USD', 'KRW', 'JPY'].map(currencyCode) as [never, never, never, never];
const DAY = isoDate('2026-08-06');
const EUR_KRW = pairKey(EUR, KRW);
const EUR_USD = pairKey(EUR, USD);

/** A database whose reads a test can hold up or let fail. */
class FakeRates {
  readonly figures = new Map<PairKey, string>([
    [EUR_USD, '2'],
    [EUR_KRW, '3000'],
    [pairKey(EUR, JPY), '200'],
  ]);
  readonly loads: PairKey[] = [];
  catalogueFails = false;
  gate: Promise<unknown> = Promise.resolve();

  catalogue(): Promise<StoredSeries[]> {
    if (this.catalogueFails) return Promise.reject(new Error('no database'));
    return Promise.resolve(
      [...this.figures.keys()].map((key) => {
        const [base, quote] = key.split('/').map(currencyCode) as [never, never];
        return { provider: 'ecb', base, quote, firstDate: DAY, lastDate: DAY };
      }),
    );
  }

  async load(_provider: string, key: PairKey): Promise<LoadedSeries> {
    this.loads.push(key);
    const rate = this.figures.get(key) ?? '1';
    // What was read is what stood when the query began.
    await this.gate;
    return new LoadedSeries([{ date: DAY, rate, fetchedAt: new Date(0) }]);
  }
}

describe('RateBook', () => {
  let rates: FakeRates;
  let handlers: Map<string, (payload: unknown) => void>;
  let book: RateBook;

  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(async () => {
    rates = new FakeRates();
    handlers = new Map();
    const events = { subscribe: (channel: string, handler: () => void) => handlers.set(channel, handler) };
    const sources = { all: () => Promise.resolve([{ provider: 'ecb', failures: 0, loadedFrom: DAY }]) };
    book = new RateBook(
      rates as unknown as RatesRepository,
      sources as unknown as RateSourcesRepository,
      events as unknown as PgEvents,
    );
    await book.onApplicationBootstrap();
  });
  afterEach(() => book.beforeApplicationShutdown());

  const krw = async () => (await book.pair('ecb', USD, KRW))?.pair.series.newest?.rate;
  const correct = (rate: string) => {
    rates.figures.set(EUR_KRW, rate);
    handlers.get(RATES_CHANGED)?.({ provider: 'ecb', pairs: [EUR_KRW] });
  };
  const changed = async (act: () => void) => {
    const { version } = book;
    act();
    await book.changeSince(version, AbortSignal.timeout(4_000));
    expect(book.version).toBeGreaterThan(version);
  };

  it('reads a series once, and computes a pair once', async () => {
    expect(await krw()).toBe('1500');
    expect(await krw()).toBe('1500');
    expect(book.pair('ecb', USD, KRW)).toBe(book.pair('ecb', USD, KRW));
    expect(rates.loads.sort()).toEqual([EUR_KRW, EUR_USD]);
  });

  it('reads again what was corrected, and that alone', async () => {
    await krw();
    await book.pair('ecb', USD, JPY);
    const yen = book.pair('ecb', USD, JPY);
    rates.loads.length = 0;
    await changed(() => correct('3600'));
    expect(await krw()).toBe('1800');
    expect(rates.loads).toEqual([EUR_KRW]);
    expect(book.pair('ecb', USD, JPY)).toBe(yen);
  });

  it('keeps its pairs when only the standing of a source changed', async () => {
    await krw();
    const before = book.pair('ecb', USD, KRW);
    await changed(() => handlers.get(RATE_SOURCE_CHANGED)?.({ provider: 'ecb', failures: 2, loadedFrom: DAY }));
    expect(book.standingOf('ecb')).toMatchObject({ failures: 2 });
    expect(book.pair('ecb', USD, KRW)).toBe(before);
  });

  it('serves the old while the new is being read, and nothing old afterwards', async () => {
    await krw();
    let open = (): void => undefined;
    rates.gate = new Promise<void>((resolve) => (open = resolve));
    const { version } = book;
    correct('3600');
    expect(await krw()).toBe('1500');
    open();
    await book.changeSince(version, AbortSignal.timeout(4_000));
    expect(await krw()).toBe('1800');
  });

  it('lets no pair survive that was begun with old figures before the news', async () => {
    let open = (): void => undefined;
    rates.gate = new Promise<void>((resolve) => (open = resolve));
    const begun = book.pair('ecb', USD, KRW);
    await changed(() => {
      rates.gate = Promise.resolve();
      correct('3600');
      open();
    });
    await begun;
    expect(await krw()).toBe('1800');
  });

  it('takes up what changes during a reload', async () => {
    await krw();
    rates.loads.length = 0;
    let open = (): void => undefined;
    rates.gate = new Promise<void>((resolve) => (open = resolve));
    const { version } = book;
    correct('3200');
    while (rates.loads.length === 0) await nextTurn();
    correct('3600');
    open();
    while (book.version < version + 2) await book.changeSince(book.version, AbortSignal.timeout(4_000));
    expect(rates.loads).toEqual([EUR_KRW, EUR_KRW]);
    expect(await krw()).toBe('1800');
  });

  it('does not forget the news when the database can not be read', async () => {
    await krw();
    rates.catalogueFails = true;
    correct('3600');
    // The reload fails, and is tried again by itself.
    const { version } = book;
    await Promise.resolve();
    rates.catalogueFails = false;
    await book.changeSince(version, AbortSignal.timeout(4_000));
    expect(await krw()).toBe('1800');
  });

  it('tries a load again that failed', async () => {
    rates.gate = Promise.reject(new Error('no database'));
    await expect(krw()).rejects.toThrow('no database');
    rates.gate = Promise.resolve();
    expect(await krw()).toBe('1500');
  });

  it('notices a series that is new', async () => {
    const won = currencyCode('KPW');
    expect(await book.pair('ecb', USD, won)).toBeUndefined();
    rates.figures.set(pairKey(EUR, won), '1800');
    await changed(() => handlers.get(RATES_CHANGED)?.({ provider: 'ecb', pairs: null }));
    expect((await book.pair('ecb', USD, won))?.pair.series.newest?.rate).toBe('900');
  });
});
