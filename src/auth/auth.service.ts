import { Injectable } from '@nestjs/common';
import { AppError, Unauthenticated } from '../platform/errors/errors.js';
import { sessionOf } from '../platform/http/caller.js';
import type { Device } from '../platform/http/device.js';
import { RateLimits } from '../platform/limits/rate-limits.js';
import type { Identity } from '../users/user.js';
import type { SessionLife, TokenPair } from './auth.dto.js';
import { FalseCredentials } from './false-credentials.js';
import { SessionEndings } from './sessions/session-endings.js';
import { type OpenSession, SessionsService } from './sessions/sessions.service.js';
import { ACCESS_TOKEN_SECONDS } from './tokens/access-token.js';
import { AccessTokens } from './tokens/access-tokens.service.js';

/** What a caller that wants to leave shows. */
export interface LogoutCredentials {
  readonly bearer: string | undefined;
  /** From the cookie. */
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
}

@Injectable()
export class AuthService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly endings: SessionEndings,
    private readonly accessTokens: AccessTokens,
    private readonly limits: RateLimits,
    private readonly falseCredentials: FalseCredentials,
  ) {}

  signIn(identity: Identity, device: Device): Promise<OpenSession> {
    return this.sessions.signIn(identity, device);
  }

  async refresh(refreshToken: unknown, device: Device): Promise<OpenSession> {
    const presented = await this.falseCredentials.counted(device, () => this.sessions.genuine(refreshToken));
    await this.limits.take('refresh', { identity: `session:${presented.sessionId}` });
    return this.sessions.refresh(presented, device);
  }

  /** As refresh, for a browser: a session that is over leaves no cookies behind. */
  async refreshOrForget(refreshToken: string | undefined, device: Device, forget: () => void): Promise<OpenSession> {
    if (refreshToken === undefined) throw new Unauthenticated('not_signed_in', { detail: 'Please sign in.' });
    try {
      return await this.refresh(refreshToken, device);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'unauthenticated') forget();
      throw error;
    }
  }

  tokens(session: OpenSession): TokenPair {
    return {
      accessToken: this.accessTokens.issue(session),
      refreshToken: session.refreshToken.text,
      tokenType: 'Bearer',
      expiresIn: ACCESS_TOKEN_SECONDS,
    };
  }

  life(): SessionLife {
    return { expiresIn: ACCESS_TOKEN_SECONDS };
  }

  /**
   * Ends every session that the credentials belong to; whoever shows none that we know is signed out already. A bearer
   * token that is not valid throws Unauthenticated: nobody shall believe to have left who has not.
   */
  async logout({ bearer, accessToken, refreshToken }: LogoutCredentials, device: Device): Promise<void> {
    const shown = [
      bearer === undefined ? undefined : sessionOf(this.accessTokens.verify(bearer)),
      ifGenuine(() => this.sessions.genuine(refreshToken).sessionId),
      // An expired token ends nothing, and needs not to.
      accessToken === undefined ? undefined : ifGenuine(() => sessionOf(this.accessTokens.verify(accessToken))),
    ];
    for (const id of new Set(shown)) if (id !== undefined) await this.endings.logout(id, device);
  }
}

function ifGenuine(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
