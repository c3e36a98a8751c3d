import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { AppError } from '../platform/errors/errors.js';
import type { Device } from '../platform/http/device.js';
import { RateLimits } from '../platform/limits/rate-limits.js';

/** Tokens, keys and signatures that are none of ours: counted against the address that shows them, and written down. */
@Injectable()
export class FalseCredentials {
  constructor(
    private readonly limits: RateLimits,
    private readonly audit: Audit,
  ) {}

  /** Before a verification that costs something: throws TooMany for an address that has shown too many. */
  refuseGuesser({ address }: Device): void {
    this.limits.refuseExhausted('failed_credentials', address ?? undefined);
  }

  /**
   * Runs a verification. One that finds a false credential counts, and beyond the limit throws TooMany in its place, so
   * that a guesser fills no log. What is genuine and over (expired, signed out) is no guess.
   */
  async counted<T>(device: Device, verify: () => T | Promise<T>): Promise<T> {
    try {
      return await verify();
    } catch (error) {
      if (error instanceof AppError && error.kind === 'unauthenticated' && error.code.endsWith('_invalid')) {
        await this.limits.take('failed_credentials', { address: device.address ?? undefined });
        await this.audit.recordRefusal({ action: 'credential.refused', person: null, reason: error.code, device });
      }
      throw error;
    }
  }
}
