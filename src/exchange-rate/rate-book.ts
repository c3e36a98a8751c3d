import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { CurrencyCode } from '../../libs/money/currency.js';
import { PgEvents } from '../platform/events/pg-events.js';
import type { IsoDate } from '../platform/time/iso-date.js';
import { Pair, type PairKey, pairKey, seriesNeeded } from './domain/pair.js';
import { PairCache } from './pair-cache.js';
import { RateSourcesRepository } from './storage/rate-sources.repository.js';
import { type LoadedSeries, RatesRepository, type StoredSeries } from './storage/rates.repository.js';
import { RATE_SOURCE_CHANGED, RATES_CHANGED, type RatesChanged, type SourceStanding } from './storage/rates-changed.js';

/** A pair of one provider with its legs, ready to be asked. */
export interface BookedPair {
  readonly pair: Pair;
  readonly legs: readonly PairKey[];
  /** When the last of the legs of this date, which must be in the pair's series, was stored. */
  fetchedAt(date: IsoDate): Date | null;
}

type Catalogue = ReadonlyMap<string, ReadonlyMap<PairKey, StoredSeries>>;

/** What is to be read again. */
interface News {
  /** Something may have been missed: everything. */
  all: boolean;
  /** By provider; null: all of its series. */
  readonly series: Map<string, Set<PairKey> | null>;
  readonly standings: Map<string, SourceStanding>;
}

/** Series that are read again side by side, so that a reload leaves connections to the requests. */
const LANES = 3;
const RETRY_MS = 1_000;

/**
 * All stored series in memory: the catalogue from the start, figures from the first time a pair is asked for. Kept equal
 * to the database by its announcements; a series is replaced whole, once its successor has been read, so that nobody
 * waits for a reload. After the first look no query is needed.
 */
@Injectable()
export class RateBook implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RateBook.name);
  private catalogue: Catalogue = new Map();
  private standings: ReadonlyMap<string, SourceStanding> = new Map();
  private readonly series = new Map<string, Promise<LoadedSeries | undefined>>();
  private readonly pairs = new PairCache<BookedPair>();
  private readonly waiting = new Set<() => void>();
  private changes = 0;
  private news = noNews();
  private reloading: Promise<void> | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly rates: RatesRepository,
    private readonly sources: RateSourcesRepository,
    events: PgEvents,
  ) {
    events.subscribe(
      RATES_CHANGED,
      (change) => this.seriesChanged(change as RatesChanged),
      () => this.reloadAll(),
    );
    events.subscribe(
      RATE_SOURCE_CHANGED,
      (standing) => this.sourceChanged(standing as SourceStanding),
      // The same gap: everything is read again already.
      () => undefined,
    );
  }

  /** What is stored is known before the first request comes. */
  async onApplicationBootstrap(): Promise<void> {
    this.reloadAll();
    await this.reloading;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retryTimer);
    await this.reloading;
  }

  /** The published series of a provider; empty where nothing is stored. */
  catalogueOf(provider: string): ReadonlyMap<PairKey, StoredSeries> {
    return this.catalogue.get(provider) ?? EMPTY;
  }

  /** What the provider can answer for; undefined before its first fetch has ended. */
  standingOf(provider: string): SourceStanding | undefined {
    return this.standings.get(provider);
  }

  /** Undefined where the provider's series make no way from one currency to the other. */
  pair(provider: string, base: CurrencyCode, quote: CurrencyCode): Promise<BookedPair | undefined> {
    const key = pairKey(base, quote);
    const known = this.pairs.get(provider, key);
    if (known !== undefined) return known;
    const legs = seriesNeeded(base, quote, new Set(this.catalogueOf(provider).keys()));
    return this.pairs.add(provider, key, legs, this.book(provider, base, quote, legs));
  }

  /** Grows with every change of what the book holds. */
  get version(): number {
    return this.changes;
  }

  /** Resolves once the book is another than that version, or when the signal aborts. */
  changeSince(version: number, signal: AbortSignal): Promise<void> {
    if (version !== this.changes || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  private async book(
    provider: string,
    base: CurrencyCode,
    quote: CurrencyCode,
    legs: readonly PairKey[],
  ): Promise<BookedPair | undefined> {
    const loaded = new Map<PairKey, LoadedSeries>();
    await Promise.all(
      legs.map(async (key) => {
        const series = await this.load(provider, key);
        if (series !== undefined) loaded.set(key, series);
      }),
    );
    return bookedPair(base, quote, legs, loaded);
  }

  private load(provider: string, key: PairKey): Promise<LoadedSeries | undefined> {
    const name = seriesName(provider, key);
    const known = this.series.get(name);
    if (known !== undefined) return known;
    const loading = this.rates.load(provider, key);
    this.series.set(name, loading);
    // A reload may have put a good one in its place meanwhile.
    loading.catch(() => this.series.get(name) === loading && this.series.delete(name));
    return loading;
  }

  private seriesChanged({ provider, pairs }: RatesChanged): void {
    const known = this.news.series.get(provider);
    if (pairs === null || known === null) this.news.series.set(provider, null);
    else this.news.series.set(provider, new Set([...(known ?? []), ...pairs]));
    this.reloadSoon();
  }

  private sourceChanged(standing: SourceStanding): void {
    this.news.standings.set(standing.provider, standing);
    this.reloadSoon();
  }

  private reloadAll(): void {
    this.news.all = true;
    this.reloadSoon();
  }

  /** One reload at a time; what changes meanwhile is the next one's. */
  private reloadSoon(): void {
    if (this.reloading !== undefined || this.closed) return;
    clearTimeout(this.retryTimer);
    const news = this.news;
    this.news = noNews();
    this.reloading = this.reload(news).then(
      () => {
        this.reloading = undefined;
        if (this.news.all || this.news.series.size > 0 || this.news.standings.size > 0) this.reloadSoon();
      },
      (error: unknown) => {
        this.reloading = undefined;
        this.logger.warn({ err: error }, 'rates could not be read again; the ones in memory stay until they can');
        this.news.all = true;
        if (!this.closed) this.retryTimer = setTimeout(() => this.reloadSoon(), RETRY_MS);
      },
    );
  }

  private async reload(news: News): Promise<void> {
    // Read before the figures, so that what is said to be loaded is among them.
    const standings = news.all
      ? new Map((await this.sources.all()).map((standing) => [standing.provider, standing]))
      : new Map([...this.standings, ...news.standings]);
    const catalogue = news.all || news.series.size > 0 ? catalogueOf(await this.rates.catalogue()) : this.catalogue;
    const isStale = (provider: string, key: PairKey) => {
      const pairs = news.series.get(provider);
      return news.all || pairs === null || pairs?.has(key) === true;
    };
    const names = [...this.series.keys()].filter((name) => isStale(...partsOf(name)));
    const reloaded = await this.loadAgain(names);
    // From here on without a pause: nobody sees half of the old and half of the new.
    for (const [name, series] of reloaded) this.series.set(name, Promise.resolve(series));
    this.pairs.dropWhere(
      (provider, legs) =>
        legs.some((key) => isStale(provider, key)) ||
        !sameKeys(this.catalogueOf(provider), catalogue.get(provider) ?? EMPTY),
    );
    this.catalogue = catalogue;
    this.standings = standings;
    this.changes += 1;
    for (const wake of [...this.waiting]) wake();
  }

  private async loadAgain(names: readonly string[]): Promise<Map<string, LoadedSeries | undefined>> {
    const loaded = new Map<string, LoadedSeries | undefined>();
    const left = names.values();
    const lane = async () => {
      for (const name of left) loaded.set(name, await this.rates.load(...partsOf(name)));
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return loaded;
  }
}

/** Undefined where the series at hand make no way from one currency to the other. */
export function bookedPair(
  base: CurrencyCode,
  quote: CurrencyCode,
  legs: readonly PairKey[],
  loaded: ReadonlyMap<PairKey, LoadedSeries>,
): BookedPair | undefined {
  const pair = Pair.of(base, quote, new Set(loaded.keys()), { get: (key) => loaded.get(key)?.series });
  if (pair === undefined) return undefined;
  return {
    pair,
    legs,
    fetchedAt: (date) => {
      const ofDate = [...loaded.values()].filter(({ series }) => series.on(date) !== undefined);
      const newest = Math.max(0, ...ofDate.map((leg) => leg.fetchedAt(date)?.getTime() ?? 0));
      return newest > 0 ? new Date(newest) : null;
    },
  };
}

const EMPTY: ReadonlyMap<PairKey, StoredSeries> = new Map();

function noNews(): News {
  return { all: false, series: new Map(), standings: new Map() };
}

function seriesName(provider: string, key: PairKey): string {
  return `${provider}:${key}`;
}

function partsOf(name: string): [provider: string, key: PairKey] {
  const [provider = '', key = ''] = name.split(':');
  return [provider, key as PairKey];
}

function catalogueOf(all: readonly StoredSeries[]): Catalogue {
  const catalogue = new Map<string, Map<PairKey, StoredSeries>>();
  for (const stored of all) {
    const ofProvider = catalogue.get(stored.provider) ?? new Map<PairKey, StoredSeries>();
    catalogue.set(stored.provider, ofProvider.set(pairKey(stored.base, stored.quote), stored));
  }
  return catalogue;
}

function sameKeys(a: ReadonlyMap<PairKey, unknown>, b: ReadonlyMap<PairKey, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
