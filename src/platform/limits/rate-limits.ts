import { Injectable } from '@nestjs/common';
import type { LimitName } from './limit-policies.js';

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

/** Counts what is limited by count. */
@Injectable()
export class RateLimits {
  /** Counts one request. Throws TooMany where a limit is used up. */
  async take(_name: LimitName, _by: LimitedBy): Promise<LimitState[]> {
    return Promise.resolve([]);
  }

  /** Throws TooMany where this process knows the address to have used up that limit; counts nothing, asks nobody. */
  refuseExhausted(_name: LimitName, _address: string | undefined): void {
    return undefined;
  }
}
