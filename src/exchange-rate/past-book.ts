import { Injectable } from '@nestjs/common';
import type { CurrencyCode } from '../../libs/money/currency.js';
import { Unavailable } from '../platform/errors/errors.js';
import { Clock } from '../platform/time/clock.js';
import type { IsoDate } from '../platform/time/iso-date.js';
import { type PairKey, pairKey, seriesNeeded } from './domain/pair.js';
import { isSettled } from './known-at.js';
import { PairCache } from './pair-cache.js';
import { type BookedPair, bookedPair } from './rate-book.js';
import { PastRatesRepository } from './storage/past-rates.repository.js';

/** Some 150 KB each, as in the book of the present, which has the greater need of memory. */
const MOST_PAIRS = 60;
/** Reads of whole series side by side: the rest of the connections is for what cannot wait. */
const LANES = 2;
/** A read takes some 20 ms: who would be behind more than these would wait for seconds. */
const MOST_WAITING = 100;

/**
 * Pairs as they were known at an instant. All instants between two changes of the legs have one answer: it is kept under
 * the earlier change, once no late commit can alter it any more. Whoever asks for instants at random so reads a series
 * no more often than it was corrected.
 */
@Injectable()
export class PastBook {
  private readonly pairs = new PairCache<BookedPair>(MOST_PAIRS);
  private readonly waiting: (() => void)[] = [];
  private reading = 0;

  constructor(
    private readonly rates: PastRatesRepository,
    private readonly clock: Clock,
  ) {}

  /** Per provider, from which day on everything had been fetched by then. */
  loadedFrom(at: Date): Promise<ReadonlyMap<string, IsoDate>> {
    return this.rates.loadedFrom(at);
  }

  /** Undefined where the series that the provider had then make no way from one currency to the other. */
  async pair(provider: string, base: CurrencyCode, quote: CurrencyCode, at: Date): Promise<BookedPair | undefined> {
    const changes = await this.rates.lastChanges(provider, at);
    const legs = seriesNeeded(base, quote, new Set(changes.keys()));
    if (legs.length === 0) return undefined;
    const changedAt = new Date(Math.max(...legs.map((key) => changes.get(key)?.getTime() ?? 0)));
    const read = () => this.inTurn(() => this.read(provider, base, quote, legs, changedAt));
    if (!isSettled(changedAt, this.clock.now())) return read();
    const [state, key] = [`${provider}@${changedAt.toISOString()}`, pairKey(base, quote)];
    return this.pairs.get(state, key) ?? this.pairs.add(state, key, legs, read());
  }

  private async read(
    provider: string,
    base: CurrencyCode,
    quote: CurrencyCode,
    legs: readonly PairKey[],
    at: Date,
  ): Promise<BookedPair | undefined> {
    return bookedPair(base, quote, legs, await this.rates.loadAsKnown(provider, legs, at));
  }

  private async inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= MOST_WAITING) {
      throw new Unavailable('overloaded', {
        detail: 'Too many questions about the past at once. Please try again in a few seconds.',
        retryAfterSeconds: 5,
      });
    }
    // A lane that is left is handed to the next in the line without being free in between.
    if (this.reading < LANES) this.reading += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await read();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.reading -= 1;
      else next();
    }
  }
}
