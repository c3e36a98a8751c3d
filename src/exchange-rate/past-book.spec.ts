import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../libs/money/currency.js';
import { SettableClock } from '../../test/support/settable-clock.js';
import { isoDate } from '../platform/time/iso-date.js';
import { type PairKey, pairKey } from './domain/pair.js';
import { PastBook } from './past-book.js';
import type { PastRatesRepository } from './storage/past-rates.repository.js';
import { LoadedSeries } from './storage/rates.repository.js';

const [EUR, USD, KRW] = ['EUR', 'USD', 'KRW'].map(currencyCode) as [never, never, never];
const DAY = isoDate('2026-08-06');
const CHANGED = new Date('2026-08-07T18:00:00Z');

/** A store whose dollar changes each minute, with reads that a test can hold up or let fail. */
class FakePast {
  readonly reads: string[] = [];
  atOnce = 0;
  most = 0;
  gate: Promise<unknown> = Promise.resolve();
  fails = false;

  lastChanges(_provider: string, at: Date): Promise<Map<PairKey, Date>> {
    const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000);
    return Promise.resolve(
      new Map([
        [pairKey(EUR, USD), minute],
        [pairKey(EUR, KRW), CHANGED],
      ]),
    );
  }

  async loadAsKnown(_provider: string, keys: readonly PairKey[], at: Date): Promise<Map<PairKey, LoadedSeries>> {
    this.reads.push(at.toISOString());
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    await this.gate;
    this.atOnce -= 1;
    if (this.fails) throw new Error('no database');
    return new Map(keys.map((key) => [key, new LoadedSeries([{ date: DAY, rate: '2', fetchedAt: at }])]));
  }
}

describe('PastBook', () => {
  let past: FakePast;
  let clock: SettableClock;
  let book: PastBook;

  beforeEach(() => {
    past = new FakePast();
    clock = new SettableClock('2026-08-08T18:00:00Z');
    book = new PastBook(past as unknown as PastRatesRepository, clock);
  });

  const ask = (afterMs: number) => book.pair('ecb', USD, KRW, new Date(CHANGED.getTime() + afterMs));
  const minute = (count: number) => count * 60_000;

  it('reads once for all instants between two changes of the legs, at the earlier of them', async () => {
    const [one, other] = await Promise.all([ask(1), ask(59_999)]);
    expect(other).toBe(one);
    expect(await ask(minute(1))).not.toBe(one);
    expect(past.reads).toEqual(['2026-08-07T18:00:00.000Z', '2026-08-07T18:01:00.000Z']);
  });

  it('keeps nothing that a late commit may still change', async () => {
    clock.set('2026-08-07T18:05:00Z');
    await ask(0);
    await ask(0);
    expect(past.reads).toHaveLength(2);
    clock.advance(1);
    await ask(0);
    await ask(0);
    expect(past.reads).toHaveLength(3);
  });

  it('forgets a read that failed', async () => {
    past.fails = true;
    await expect(ask(0)).rejects.toThrow('no database');
    past.fails = false;
    expect((await ask(0))?.pair.series.length).toBe(1);
  });

  it('reads at most two at once, and turns away whoever would wait for too long', async () => {
    let open: (value?: unknown) => void = () => undefined;
    past.gate = new Promise((resolve) => (open = resolve));
    const answers = Promise.allSettled(Array.from({ length: 105 }, (_, index) => ask(minute(index))));
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect(past.reads).toHaveLength(2);
    open();
    const settled = await answers;
    const refused = settled.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(105 - 102);
    expect(refused[0]?.reason).toMatchObject({ kind: 'unavailable', code: 'overloaded', retryAfterSeconds: 5 });
    expect(past.reads).toHaveLength(102);
    expect(past.most).toBe(2);
    // A failed read leaves its lane, too.
    past.fails = true;
    await Promise.allSettled([200, 201, 202].map((count) => ask(minute(count))));
    past.fails = false;
    expect(await ask(minute(203))).toBeDefined();
  });
});
