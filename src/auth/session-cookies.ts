import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Clock } from '../platform/time/clock.js';
import { Cookies } from './cookies.js';
import { IDLE_MS } from './sessions/session-rules.js';
import type { OpenSession } from './sessions/sessions.service.js';
import { ACCESS_TOKEN_SECONDS } from './tokens/access-token.js';
import { AccessTokens } from './tokens/access-tokens.service.js';

const ACCESS_COOKIE = 'hx_at';
const REFRESH_COOKIE = 'hx_rt';

/** The two cookies of a signed-in browser. Beside an `Authorization` header they do not count, good or bad as it may be. */
@Injectable()
export class SessionCookies {
  constructor(
    private readonly cookies: Cookies,
    private readonly tokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  set(response: Response, session: OpenSession): void {
    const untilEnd = session.expiresAt.getTime() - this.clock.now().getTime();
    this.cookies.set(response, ACCESS_COOKIE, this.tokens.issue(session), ACCESS_TOKEN_SECONDS);
    this.cookies.set(
      response,
      REFRESH_COOKIE,
      session.refreshToken.text,
      Math.floor(Math.min(IDLE_MS, untilEnd) / 1000),
    );
  }

  clear(response: Response): void {
    this.cookies.clear(response, ACCESS_COOKIE);
    this.cookies.clear(response, REFRESH_COOKIE);
  }

  accessToken(request: Request): string | undefined {
    return this.read(request, ACCESS_COOKIE);
  }

  refreshToken(request: Request): string | undefined {
    return this.read(request, REFRESH_COOKIE);
  }

  /** Whether this browser has been signed in, as far as its cookies tell unverified. */
  seenIn(request: Request): boolean {
    return this.cookies.read(request, REFRESH_COOKIE) !== undefined;
  }

  private read(request: Request, name: string): string | undefined {
    return request.headers.authorization === undefined ? this.cookies.read(request, name) : undefined;
  }
}
