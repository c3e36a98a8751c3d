import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import { readConfig } from '../../platform/config/environment.js';
import { Secrets, signingKeys } from '../../platform/config/secrets.js';
import { Clock } from '../../platform/time/clock.js';
import { Cookies } from '../cookies.js';
import { LoginAttempts } from './login-attempts.js';

const keys = signingKeys(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
);
const WANTED = { nonce: 'nonce', verifier: 'verifier', returnTo: '/chart' };

class TestClock extends Clock {
  ms = Date.parse('2026-08-03T09:00:00Z');
  now(): Date {
    return new Date(this.ms);
  }
}

function setUp({
  publicUrl = 'https://hackonomics.example.com',
  secret = 'one secret of at least thirty-two bytes',
} = {}) {
  const clock = new TestClock();
  const google = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' };
  const config = readConfig({ PUBLIC_URL: publicUrl, ...google }, { rateProviders: ['frankfurter', 'ecb'] });
  return { clock, attempts: new LoginAttempts(new Secrets(keys, Buffer.from(secret)), new Cookies(config), clock) };
}

/** Enough of a browser: what it is told to keep it sends back. */
class Jar {
  readonly kept = new Map<string, string>();
  readonly told: string[] = [];
  readonly response = { append: (_name: string, line: string) => this.keep(line) } as unknown as Response;

  get request(): Request {
    return {
      headers: { cookie: [...this.kept].map(([name, value]) => `${name}=${value}`).join('; ') },
    } as unknown as Request;
  }

  private keep(line: string): void {
    this.told.push(line);
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/Max-Age=0/.test(line)) this.kept.delete(name);
    else this.kept.set(name, value);
  }
}

describe('a login attempt', () => {
  it('comes back once, to the browser that began it', () => {
    const { attempts } = setUp();
    const [jar, foreign] = [new Jar(), new Jar()];
    const { state } = attempts.begin(jar.request, jar.response, WANTED);
    expect(attempts.take(foreign.request, foreign.response, state)).toBeUndefined();
    expect(attempts.take(jar.request, jar.response, state)).toMatchObject({ ...WANTED, state });
    expect(attempts.take(jar.request, jar.response, state)).toBeUndefined();
  });

  it('travels sealed, in a cookie that only https and we get', () => {
    const { attempts } = setUp();
    const jar = new Jar();
    attempts.begin(jar.request, jar.response, WANTED);
    expect(jar.told[0]).toMatch(
      /^__Host-hx_login_[\w-]{12}=[\w-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(Buffer.from([...jar.kept.values()][0] ?? '', 'base64url').toString('latin1')).not.toMatch(
      /verifier|nonce|chart/,
    );
  });

  it('fits into a cookie with the longest way back', () => {
    const { attempts } = setUp();
    const jar = new Jar();
    attempts.begin(jar.request, jar.response, {
      nonce: 'n'.repeat(32),
      verifier: 'v'.repeat(43),
      returnTo: `/${'a'.repeat(999)}`,
    });
    expect(jar.told[0]?.length).toBeLessThan(2_000);
  });

  it('is over after ten minutes', () => {
    const { attempts, clock } = setUp();
    const jar = new Jar();
    const { state } = attempts.begin(jar.request, jar.response, WANTED);
    clock.ms += 600_000;
    expect(attempts.take(jar.request, jar.response, state)).toBeUndefined();
  });

  it('of another secret is nothing', () => {
    const jar = new Jar();
    const { state } = setUp({ secret: 'another secret of at least thirty-two bytes' }).attempts.begin(
      jar.request,
      jar.response,
      WANTED,
    );
    expect(setUp().attempts.take(jar.request, jar.response, state)).toBeUndefined();
  });

  it('makes room for at most five', () => {
    const { attempts, clock } = setUp();
    const jar = new Jar();
    const states = Array.from({ length: 7 }, () => {
      clock.ms += 1;
      return attempts.begin(jar.request, jar.response, WANTED).state;
    });
    expect(jar.kept.size).toBe(5);
    const alive = states.map((state) => attempts.take(jar.request, jar.response, state) !== undefined);
    expect(alive).toEqual([false, false, true, true, true, true, true]);
  });
});
