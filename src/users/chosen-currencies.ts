import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CurrencyCode } from '../../libs/money/currency.js';
import { PgEvents } from '../platform/events/pg-events.js';
import { UsersRepository } from './users.repository.js';

const CHANNEL = 'user_currency';
/** Some 200 bytes each. */
const MOST_KNOWN = 50_000;

/** Null: none chosen yet. Undefined: no such account. */
type Chosen = CurrencyCode | null | undefined;

/**
 * The currency of each person as every process must see it. Every change is announced within its own transaction, and
 * whoever hears of it forgets that person's. While news cannot be heard, nothing is answered from memory, and what is
 * asked within one turn of the event loop is one query.
 */
@Injectable()
export class ChosenCurrencies {
  /** Least recently used first. */
  private readonly known = new Map<string, CurrencyCode | null>();
  /** Counts the news: what was being read when some came may be from before it, and is not kept. */
  private epoch = 0;
  /** Who is asked for next, and the one reading that will answer all. */
  private next:
    { readonly ids: Set<string>; readonly read: Promise<ReadonlyMap<string, CurrencyCode | null>> } | undefined;

  constructor(
    private readonly events: PgEvents,
    private readonly users: UsersRepository,
  ) {
    events.subscribe(
      CHANNEL,
      (userId) => this.hear(userId),
      () => this.forgetAll(),
    );
  }

  /** The currency was chosen, or the account deleted. Tells every process, once `tx` commits. */
  announce(tx: EntityManager, userId: string): Promise<void> {
    return PgEvents.publish(tx, CHANNEL, userId);
  }

  /** To be called after the commit: the process that changed it does not wait for its own news. */
  forget(userId: string): void {
    this.epoch++;
    this.known.delete(userId);
  }

  async of(userId: string): Promise<Chosen> {
    const known = this.events.listening ? this.known.get(userId) : undefined;
    if (known === undefined) return this.read(userId);
    this.keep(userId, known);
    return known;
  }

  private async read(userId: string): Promise<Chosen> {
    this.next ??= this.nextReading();
    this.next.ids.add(userId);
    return (await this.next.read).get(userId);
  }

  /** Begins when this turn of the event loop ends. Whoever asks later is answered by a later reading, never by an older one. */
  private nextReading(): NonNullable<ChosenCurrencies['next']> {
    const ids = new Set<string>();
    const read = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      this.next = undefined;
      const { epoch } = this;
      const currencies = await this.users.currenciesOf([...ids]);
      if (this.events.listening && epoch === this.epoch)
        for (const [id, currency] of currencies) this.keep(id, currency);
      return currencies;
    });
    return { ids, read };
  }

  private keep(userId: string, currency: CurrencyCode | null): void {
    this.known.delete(userId);
    this.known.set(userId, currency);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
  }

  private hear(userId: unknown): void {
    if (typeof userId === 'string') this.forget(userId);
    else this.forgetAll(); // of a version that knows more than this one: better once too often
  }

  private forgetAll(): void {
    this.epoch++;
    this.known.clear();
  }
}
