import { Injectable } from '@nestjs/common';
import { AppError, Unauthenticated } from '../platform/errors/errors.js';
import type { Identity } from '../users/user.js';
import type { SessionLife, TokenPair } from './auth.dto.js';
import { type Device, type OpenSession, SessionsService } from './sessions/sessions.service.js';
import { ACCESS_TOKEN_SECONDS } from './tokens/access-token.js';
import { AccessTokens } from './tokens/access-tokens.service.js';

/** What a caller that wants to leave has to show; any one of them will do. */
export interface LogoutCredentials {
  readonly authorization: string | undefined;
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

  /** Ends the session that the credentials belong to; whoever shows none that we know is signed out already. */
  async logout({ authorization, accessToken, refreshToken }: LogoutCredentials): Promise<void> {
    const bearer = authorization?.replace(/^Bearer +/i, '');
    const sessionId = this.sessionOf(bearer) ?? this.sessions.sessionOf(refreshToken) ?? this.sessionOf(accessToken);
    if (sessionId !== undefined) await this.sessions.end(sessionId, 'logout');
  }

  private sessionOf(accessToken: string | undefined): string | undefined {
    if (accessToken === undefined) return undefined;
    try {
      return this.accessTokens.verify(accessToken).sessionId;
    } catch (error) {
      if (error instanceof AppError) return undefined; // an expired token ends nothing, and needs not to
      throw error;
    }
  }
}
