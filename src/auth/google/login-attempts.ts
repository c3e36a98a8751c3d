import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Secrets } from '../../platform/config/secrets.js';
import { Clock } from '../../platform/time/clock.js';
import { Cookies } from '../cookies.js';

const COOKIE = 'hx_login_';
const LIFE_SECONDS = 600;
/** Sign-ins under way at once in one browser, one per tab; the oldest makes room. */
const MAX_ATTEMPTS = 5;

/** A sign-in under way: what must come back unchanged from Google, and where the visitor wants to go. */
export interface LoginAttempt {
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly verifier: string;
  readonly returnTo: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/**
 * Keeps each attempt in the browser that began it, in a sealed cookie (AES-256-GCM) of its own: the state of one browser
 * is worth nothing in another, tabs do not disturb each other, and no row is written for visitors who never come back.
 */
@Injectable()
export class LoginAttempts {
  private readonly key: Buffer;

  constructor(
    secrets: Secrets,
    private readonly cookies: Cookies,
    private readonly clock: Clock,
  ) {
    this.key = secrets.derive('login-attempt');
  }

  begin(
    request: Request,
    response: Response,
    wanted: Pick<LoginAttempt, 'nonce' | 'verifier' | 'returnTo'>,
  ): LoginAttempt {
    const attempt = { ...wanted, state: randomBytes(24).toString('base64url'), startedAt: this.clock.now().getTime() };
    for (const name of this.oldest(request)) this.cookies.clear(response, name);
    this.cookies.set(response, cookieName(attempt.state), this.seal(attempt), LIFE_SECONDS);
    return attempt;
  }

  /** The attempt that this browser began with this state, once: its cookie is taken away. */
  take(request: Request, response: Response, state: unknown): LoginAttempt | undefined {
    if (typeof state !== 'string' || !/^[A-Za-z0-9_-]{32}$/.test(state)) return undefined;
    const sealed = this.cookies.read(request, cookieName(state));
    if (sealed === undefined) return undefined;
    this.cookies.clear(response, cookieName(state));
    const attempt = this.open(sealed);
    if (attempt === undefined || !timingSafeEqual(Buffer.from(attempt.state), Buffer.from(state))) return undefined;
    return attempt;
  }

  /** Those to drop so that one more finds room. */
  private oldest(request: Request): string[] {
    const known = this.cookies.namesOf(request, COOKIE).map((name) => {
      return { name, startedAt: this.open(this.cookies.read(request, name) ?? '')?.startedAt ?? 0 };
    });
    const surplus = known.length - (MAX_ATTEMPTS - 1);
    const byAge = known.sort((a, b) => a.startedAt - b.startedAt);
    return surplus > 0 ? byAge.slice(0, surplus).map(({ name }) => name) : [];
  }

  private seal(attempt: LoginAttempt): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(attempt), 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  private open(text: string): LoginAttempt | undefined {
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < 29) return undefined;
    let attempt: LoginAttempt;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      attempt = JSON.parse(
        Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'),
      ) as LoginAttempt;
    } catch {
      return undefined; // not sealed by us: as good as absent
    }
    return this.clock.now().getTime() - attempt.startedAt < LIFE_SECONDS * 1000 ? attempt : undefined;
  }
}

function cookieName(state: string): string {
  return `${COOKIE}${state.slice(0, 12)}`;
}
