import { Injectable } from '@nestjs/common';
import { AppError, Unauthenticated } from '../platform/errors/errors.js';
import { sessionOf } from '../platform/http/caller.js';
import type { Identity } from '../users/user.js';
import type { SessionLife, TokenPair } from './auth.dto.js';
import { type Device, type OpenSession, SessionsService } from './sessions/sessions.service.js';
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
    private readonly accessTokens: AccessTokens,
  ) {}

  signIn(identity: Identity, device: Device): Promise<OpenSession> {
    return this.sessions.signIn(identity, device);
  }

  refresh(refreshToken: unknown): Promise<OpenSession> {
    return this.sessions.refresh(refreshToken);
  }

  /** As refresh, for a browser: a session that is over leaves no cookies behind. */
  async refreshOrForget(refreshToken: string | undefined, forget: () => void): Promise<OpenSession> {
    if (refreshToken === undefined) throw new Unauthenticated('not_signed_in', { detail: 'Please sign in.' });
    try {
      return await this.sessions.refresh(refreshToken);
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
  async logout({ bearer, accessToken, refreshToken }: LogoutCredentials): Promise<void> {
    const shown = [
      bearer === undefined ? undefined : sessionOf(this.accessTokens.verify(bearer)),
      this.sessions.sessionOf(refreshToken),
      accessToken === undefined ? undefined : this.sessionOfCookie(accessToken),
    ];
    for (const id of new Set(shown)) if (id !== undefined) await this.sessions.end(id, 'logout');
  }

  private sessionOfCookie(accessToken: string): string | undefined {
    try {
      return sessionOf(this.accessTokens.verify(accessToken));
    } catch (error) {
      if (error instanceof AppError) return undefined; // an expired token ends nothing, and needs not to
      throw error;
    }
  }
}
