import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { type RateLimiterAbstract, RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

/** One limit as the store shall count it: `points` in `duration` seconds. */
export interface CountedLimit {
  readonly keyPrefix: string;
  readonly points: number;
  readonly duration: number;
}

/** Where counts are kept, for every process that shares them. Windows are by the clocks of the machines. */
export interface LimitStore {
  limiter(limit: CountedLimit): RateLimiterAbstract;
  /** Removes what is over. A store that does so by itself does nothing here. */
  deleteExpired(): Promise<void>;
  close(): void;
}

/** The clock of another replica may be behind: for it, a row that is over by ours may still count. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Rows at once: no statement shall run for long, however many addresses a flood had. */
const CHUNK = 5_000;

/** The table rate_limits of our own database. */
export class PostgresLimitStore implements LimitStore {
  constructor(private readonly database: DataSource) {}

  limiter(limit: CountedLimit): RateLimiterAbstract {
    return new RateLimiterPostgres({
      ...limit,
      storeType: 'client',
      storeClient: { query: (query: NamedQuery) => this.query(query) },
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
    });
  }

  async deleteExpired(): Promise<void> {
    const before = Date.now() - CLOCK_TOLERANCE_MS;
    for (;;) {
      // Rows that another process deletes or counts just now are left to the next time: nobody waits, nobody deadlocks.
      const [, deleted] = await this.database.query<[unknown, number]>(
        `DELETE FROM rate_limits WHERE key IN
           (SELECT key FROM rate_limits WHERE expire < $1 LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED)`,
        [before],
      );
      if (deleted < CHUNK) return;
    }
  }

  close(): void {
    // The connections are the application's.
  }

  /** The library names its statements; behind a transaction pooler the next one might find no such name. */
  private async query({ text, values }: NamedQuery): Promise<{ rows: unknown[]; rowCount: number }> {
    const rows = await this.database.query<unknown[]>(text, values);
    return { rows, rowCount: rows.length };
  }
}

interface NamedQuery {
  readonly text: string;
  readonly values: unknown[];
}

const REDIS_READY_MS = 2_000;
const REDIS_LAST_RETRY_MS = 5_000;

/** A Redis that several replicas share. */
export class RedisLimitStore implements LimitStore {
  private constructor(private readonly redis: Redis) {}

  /** Does not wait for a Redis that is away: it is tried again in the background. */
  static async open(url: string, onError: (error: unknown) => void): Promise<RedisLimitStore> {
    const { Redis: Client } = await import('ioredis');
    const redis = new Client(url, {
      connectionName: 'hackonomics-limits',
      connectTimeout: REDIS_READY_MS,
      // So long the client's timer keeps the process alive where Redis is away when it closes.
      disconnectTimeout: 200,
      // A count that cannot be made now is made in memory, not later.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 200, REDIS_LAST_RETRY_MS),
    });
    redis.on('error', onError);
    await once(redis, 'ready', { signal: AbortSignal.timeout(REDIS_READY_MS) }).catch(onError);
    return new RedisLimitStore(redis);
  }

  limiter(limit: CountedLimit): RateLimiterAbstract {
    return new RateLimiterRedis({
      ...limit,
      keyPrefix: `hackonomics:limits:${limit.keyPrefix}`,
      storeClient: this.redis,
      rejectIfRedisNotReady: true,
    });
  }

  async deleteExpired(): Promise<void> {
    // Redis forgets by itself.
  }

  close(): void {
    this.redis.disconnect();
  }
}
