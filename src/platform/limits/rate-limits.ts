import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { limitPseudonym } from './limit-pseudonym.js';
import { Config } from '../config/config.js';
import { Secrets } from '../config/secrets.js';
import { networkOf } from '../http/address.js';
import { Counter } from './counter.js';
import { LIMIT_POLICIES, type LimitName, type LimitPolicy, scaled } from './limit-policies.js';
import { type LimitStore, PostgresLimitStore, RedisLimitStore } from './limit-store.js';
import { StoreHealth } from './store-health.js';

/** Whom a request counts against. */
export interface LimitedBy {
  /** As `addressOf` says; counted per network. */
  readonly address?: string | undefined;
  /** `user:<id>`, `api_key:<id>`, `hmac_client:<id>`, `session:<id>`. */
  readonly identity?: string | undefined;
}

/** How a limit stands after a request has been counted. */
export interface LimitState {
  /** `writes-address`, `writes-identity`: name of the limit and whom it counts. */
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

interface Counters {
  readonly address: Counter | undefined;
  readonly identity: Counter | undefined;
}

const DELETE_EXPIRED_EVERY_MS = 60_000;

/**
 * Counts what is limited by count: in PostgreSQL, or in Redis where there is one, so that a limit holds for all
 * processes together; in the memory of this process while the store is away.
 */
@Injectable()
export class RateLimits implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('limits');
  private readonly health = new StoreHealth();
  private readonly counters = new Map<LimitName, Counters>();
  private store: LimitStore | undefined;
  private timer: NodeJS.Timeout | undefined;

  private readonly secret: Buffer;

  constructor(
    private readonly config: Config,
    private readonly database: DataSource,
    secrets: Secrets,
  ) {
    this.secret = secrets.derive('limits');
  }

  async onModuleInit(): Promise<void> {
    const { rateLimitScale, redisUrl } = this.config;
    if (rateLimitScale === 0) return;
    const store =
      redisUrl === undefined
        ? new PostgresLimitStore(this.database)
        : await RedisLimitStore.open(redisUrl, (error) => this.health.failed(error));
    this.store = store;
    for (const [name, policy] of Object.entries(LIMIT_POLICIES) as [LimitName, LimitPolicy][]) {
      const counter = (of: string, limit: number | undefined) =>
        limit === undefined
          ? undefined
          : new Counter(
              { keyPrefix: `${name}-${of}`, points: scaled(limit, rateLimitScale), duration: policy.windowSeconds },
              store,
              this.health,
              (key) => limitPseudonym(this.secret, key),
            );
      this.counters.set(name, {
        address: counter('address', policy.perAddress),
        identity: counter('identity', policy.perIdentity),
      });
    }
    this.timer = setInterval(() => void this.deleteExpired(store), DELETE_EXPIRED_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.store?.close();
    this.store = undefined;
  }

  /**
   * Counts one request. Throws LimitExceeded, which is a TooMany, where a limit is used up. What is known to be used up
   * refuses before anything is counted; and the identity is counted before the address. So whoever goes on after being
   * refused uses up nothing more, and nobody uses up more of the address that others share than one's own limit.
   */
  async take(name: LimitName, { address, identity }: LimitedBy): Promise<LimitState[]> {
    const counters = this.counters.get(name);
    const network = address === undefined ? undefined : networkOf(address);
    if (identity !== undefined) counters?.identity?.refuseUsedUp(identity);
    if (network !== undefined) counters?.address?.refuseUsedUp(network);
    const byIdentity = identity === undefined ? undefined : await counters?.identity?.take(identity);
    const byAddress = network === undefined ? undefined : await counters?.address?.take(network);
    return [byAddress, byIdentity].filter((state) => state !== undefined);
  }

  /** Throws TooMany where this process knows the address to have used up that limit; counts nothing, asks nobody. */
  refuseExhausted(name: LimitName, address: string | undefined): void {
    if (address !== undefined) this.counters.get(name)?.address?.refuseUsedUp(networkOf(address));
  }

  private async deleteExpired(store: LimitStore): Promise<void> {
    try {
      await store.deleteExpired();
    } catch (error) {
      if (this.store !== undefined) this.logger.warn({ err: error }, 'expired limits could not be deleted');
    }
  }
}
