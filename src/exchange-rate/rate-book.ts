import { Injectable, Logger } from '@nestjs/common';
import type { CurrencyCode } from '../../libs/money/currency.js';
import { PgEvents } from '../platform/events/pg-events.js';
import type { IsoDate } from '../platform/time/iso-date.js';
import { Pair, type PairKey, pairKey, seriesNeeded } from './domain/pair.js';
import { RateSourcesRepository, type SourceHealth } from './storage/rate-sources.repository.js';
import { type LoadedSeries, RatesRepository, type StoredSeries } from './storage/rates.repository.js';
import { RATES_CHANGED, type RatesChanged } from './storage/rates-changed.js';

/** A pair of one provider with its legs, ready to be asked. */
export interface BookedPair {
  readonly pair: Pair;
  readonly legs: readonly PairKey[];
  /** When the last of the legs of this date, which must be in the pair's series, was stored. */
  fetchedAt(date: IsoDate): Date | null;
}

/**
 * All stored series in memory: the catalogue from the start, figures from the first time a pair is asked for. Kept equal
 * to the database by its announcements; a series is replaced whole, once its successor has been read, so that nobody
 * waits for a reload. After the first look no query is needed.
 */
@Injectable()
export class RateBook {
  private readonly logger = new Logger(RateBook.name);
  private catalogue = new Map<string, ReadonlyMap<PairKey, StoredSeries>>();
  private health = new Map<string, SourceHealth>();
  private readonly series = new Map<string, Promise<LoadedSeries | undefined>>();
  private readonly pairs = new Map<string, Promise<BookedPair | undefined>>();
  private readonly waiting = new Set<() => void>();
  /** What is to be read again; `null` for a provider: all of it. */
  private readonly stale = new Map<string, Set<PairKey> | null>();
  private reloading: Promise<void> | undefined;

  constructor(
    private readonly rates: RatesRepository,
    private readonly sources: RateSourcesRepository,
    events: PgEvents,
  ) {
    events.subscribe(
      RATES_CHANGED,
      (change) => this.changed(change as RatesChanged),
      () => this.reloadAll(),
    );
  }

  /** The published series of a provider; empty where nothing is stored. */
  catalogueOf(provider: string): ReadonlyMap<PairKey, StoredSeries> {
    return this.catalogue.get(provider) ?? EMPTY;
  }

  /** How the provider's fetches went; undefined before the first has ended. */
  healthOf(provider: string): SourceHealth | undefined {
    return this.health.get(provider);
  }

  /** Undefined where the provider's series make no way from one currency to the other. */
  pair(provider: string, base: CurrencyCode, quote: CurrencyCode): Promise<BookedPair | undefined> {
    const name = `${provider}:${pairKey(base, quote)}`;
    const known = this.pairs.get(name);
    if (known !== undefined) return known;
    const booked = this.book(provider, base, quote);
    this.pairs.set(name, booked);
    booked.catch(() => this.pairs.delete(name));
    return booked;
  }

  /** Resolves at the next change of anything, or when the signal aborts. */
  nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  private async book(provider: string, base: CurrencyCode, quote: CurrencyCode): Promise<BookedPair | undefined> {
    const available = new Set(this.catalogueOf(provider).keys());
    const legs = seriesNeeded(base, quote, available);
    const loaded = new Map<PairKey, LoadedSeries>();
    await Promise.all(
      legs.map(async (key) => {
        const series = await this.load(provider, key);
        if (series !== undefined) loaded.set(key, series);
      }),
    );
    const pair = Pair.of(base, quote, new Set(loaded.keys()), { get: (key) => loaded.get(key)?.series });
    if (pair === undefined) return undefined;
    return {
      pair,
      legs,
      fetchedAt: (date) => {
        const times = [...loaded.values()].map((leg) => (leg.series.on(date) === undefined ? 0 : (leg.fetchedAt(date)?.getTime() ?? 0)));
        const newest = Math.max(...times);
        return newest > 0 ? new Date(newest) : null;
      },
    };
  }

  private load(provider: string, key: PairKey): Promise<LoadedSeries | undefined> {
    const name = `${provider}:${key}`;
    const known = this.series.get(name);
    if (known !== undefined) return known;
    const loading = this.rates.load(provider, key);
    this.series.set(name, loading);
    loading.catch(() => this.series.delete(name));
    return loading;
  }

  private changed({ provider, pairs }: RatesChanged): void {
    const known = this.stale.get(provider);
    if (known !== null) this.stale.set(provider, pairs === null ? null : new Set([...(known ?? []), ...pairs]));
    this.reloadSoon();
  }

  private reloadAll(): void {
    for (const provider of this.catalogue.keys()) this.stale.set(provider, null);
    this.reloadSoon();
  }

  /** One reload at a time; what changes meanwhile is the next one's. */
  private reloadSoon(): void {
    if (this.reloading !== undefined) return;
    this.reloading = this.reload()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'rates could not be read again; the ones in memory stay'))
      .finally(() => {
        this.reloading = undefined;
        if (this.stale.size > 0) this.reloadSoon();
      });
  }

  private async reload(): Promise<void> {
    const stale = new Map(this.stale);
    this.stale.clear();
    const catalogue = new Map<string, Map<PairKey, StoredSeries>>();
    for (const stored of await this.rates.catalogue()) {
      const ofProvider = catalogue.get(stored.provider) ?? new Map<PairKey, StoredSeries>();
      catalogue.set(stored.provider, ofProvider.set(pairKey(stored.base, stored.quote), stored));
    }
    const health = new Map((await this.sources.all()).map((source) => [source.provider, source]));
    const names = [...this.series.keys()].filter((name) => {
      const [provider = '', key = ''] = name.split(':');
      const pairs = stale.get(provider);
      return pairs === null || pairs?.has(key as PairKey) === true;
    });
    const reloaded = await Promise.all(
      names.map(async (name) => {
        const [provider = '', key = ''] = name.split(':');
        return [name, await this.rates.load(provider, key as PairKey)] as const;
      }),
    );
    // From here on without a pause: nobody sees half of the old and half of the new.
    this.catalogue = catalogue;
    this.health = health;
    for (const [name, series] of reloaded) this.series.set(name, Promise.resolve(series));
    for (const name of this.pairs.keys()) if (stale.has(name.split(':')[0] ?? '')) this.pairs.delete(name);
    for (const wake of [...this.waiting]) wake();
  }
}

const EMPTY: ReadonlyMap<PairKey, StoredSeries> = new Map();
