import { describe, expect, it } from '@jest/globals';
import { parseList } from 'structured-headers';
import { LimitExceeded } from './limit-exceeded.js';
import { setLimitHeaders } from './limit-headers.js';
import type { LimitState } from './rate-limits.js';

class Headers {
  readonly all = new Map<string, string>();
  getHeader(name: string): string | undefined {
    return this.all.get(name);
  }
  setHeader(name: string, value: string): void {
    this.all.set(name, value);
  }
}

const state = (name: string, limit: number, remaining: number, resetSeconds: number): LimitState => ({
  name,
  limit,
  windowSeconds: 60,
  remaining,
  resetSeconds,
});

describe('the fields that tell of limits', () => {
  it('are structured fields: one member per limit', () => {
    const response = new Headers();
    setLimitHeaders(response, [state('writes-address', 600, 599, 60), state('writes-identity', 120, 119, 42)]);
    expect(Object.fromEntries(response.all)).toEqual({
      'RateLimit-Policy': '"writes-address";q=600;w=60, "writes-identity";q=120;w=60',
      RateLimit: '"writes-address";r=599;t=60, "writes-identity";r=119;t=42',
    });
    const [, [name, parameters] = []] = parseList(response.all.get('RateLimit') ?? '');
    expect([name, parameters]).toEqual([
      'writes-identity',
      new Map([
        ['r', 119],
        ['t', 42],
      ]),
    ]);
  });

  it('add to what another limit has told', () => {
    const response = new Headers();
    setLimitHeaders(response, [state('refresh-address', 600, 599, 60)]);
    setLimitHeaders(response, [state('refresh-identity', 60, 0, 9)]);
    expect(response.all.get('RateLimit')).toBe('"refresh-address";r=599;t=60, "refresh-identity";r=0;t=9');
    expect(response.all.get('RateLimit-Policy')).toBe('"refresh-address";q=600;w=60, "refresh-identity";q=60;w=60');
  });

  it('are left away where nothing was counted', () => {
    const response = new Headers();
    setLimitHeaders(response, []);
    expect(response.all.size).toBe(0);
  });
});

describe('one request too many', () => {
  it.each([
    [60, 42, 'At most 600 of these in one minute are answered. Please try again in 42 seconds.'],
    [3_600, 1, 'At most 600 of these in one hour are answered. Please try again in one second.'],
    [3_600, 120, 'At most 600 of these in one hour are answered. Please try again in 2 minutes.'],
    [7_200, 7_200, 'At most 600 of these in 2 hours are answered. Please try again in 2 hours.'],
  ])('in %d seconds says in words when to come again', (windowSeconds, resetSeconds, detail) => {
    const error = new LimitExceeded({ ...state('writes-address', 600, 0, resetSeconds), windowSeconds });
    expect(error).toMatchObject({
      kind: 'too_many',
      code: 'too_many_requests',
      detail,
      retryAfterSeconds: resetSeconds,
    });
  });
});
