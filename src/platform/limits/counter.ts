import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { LimitExceeded } from './limit-exceeded.js';
import type { CountedLimit, LimitStore } from './limit-store.js';
import type { LimitState } from './rate-limits.js';
import type { StoreHealth } from './store-health.js';

/** So long a request waits for the store; then it is counted in the memory of this process. */
const STORE_DEADLINE_MS = 1_000;
/** Used-up keys that are remembered; of more, the oldest ask the store again. */
const MAX_REMEMBERED = 50_000;

/** Counts one limit for one kind of key: addresses, or identities. */
export class Counter {
  private readonly stored: RateLimiterAbstract;
  private readonly insurance: RateLimiterMemory;
  /** When used-up keys are fresh again, on the monotonic clock: a flood is refused without asking the store. */
  private readonly usedUp = new Map<string, number>();

  constructor(
    private readonly limit: CountedLimit,
    store: LimitStore,
    private readonly health: StoreHealth,
    /** The store holds nobody's name: it is shared, and outlives accounts by a window. */
    private readonly pseudonym: (key: string) => string,
  ) {
    this.stored = store.limiter(limit);
    this.insurance = new RateLimiterMemory(limit);
  }

  /** Throws LimitExceeded where this process knows the key to be used up; counts nothing. */
  refuseUsedUp(key: string): void {
    const until = this.usedUp.get(key);
    if (until === undefined) return;
    const left = until - performance.now();
    if (left > 0) throw new LimitExceeded(this.state(this.limit.points, left));
    this.usedUp.delete(key);
  }

  /** Counts one. Throws LimitExceeded for one too many. */
  async take(key: string): Promise<LimitState> {
    const { consumedPoints, msBeforeNext } = await this.consume(key);
    const state = this.state(consumedPoints, msBeforeNext);
    if (state.remaining === 0) this.remember(key, state.resetSeconds * 1_000);
    if (consumedPoints > this.limit.points) throw new LimitExceeded(state);
    return state;
  }

  private async consume(key: string): Promise<RateLimiterRes> {
    if (this.health.mayAsk()) {
      try {
        const result = await inTime(unlessTooMany(this.stored.consume(this.pseudonym(key))));
        this.health.answered();
        return result;
      } catch (error) {
        this.health.failed(error);
      }
    }
    return unlessTooMany(this.insurance.consume(key));
  }

  private remember(key: string, forMs: number): void {
    this.usedUp.delete(key);
    this.usedUp.set(key, performance.now() + forMs);
    if (this.usedUp.size > MAX_REMEMBERED)
      for (const oldest of this.usedUp.keys()) return void this.usedUp.delete(oldest);
  }

  private state(consumed: number, msBeforeNext: number): LimitState {
    const { keyPrefix, points, duration } = this.limit;
    // The clock of the process that opened the window may be another.
    const resetSeconds = Math.min(Math.max(Math.ceil(msBeforeNext / 1_000), 1), duration);
    return {
      name: keyPrefix,
      limit: points,
      windowSeconds: duration,
      remaining: Math.max(points - consumed, 0),
      resetSeconds,
    };
  }
}

/** The library throws its result where there were too many; anything else that it throws is a failure. */
async function unlessTooMany(result: Promise<RateLimiterRes>): Promise<RateLimiterRes> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof RateLimiterRes) return error;
    throw error;
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the store of the limits is late')), STORE_DEADLINE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
