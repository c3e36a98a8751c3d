import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Forbidden, Unauthenticated } from '../../platform/errors/errors.js';
import { Clock } from '../../platform/time/clock.js';
import type { Identity, User } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { RefreshTokens, tokenHash, type RefreshToken } from './refresh-token.js';
import { RevokedSessions } from './revoked-sessions.js';
import { ABSOLUTE_MS, decideRefresh } from './session-rules.js';
import { SessionsRepository } from './sessions.repository.js';

/** Where a sign-in comes from, as far as the request tells. */
export interface Device {
  readonly address: string | null;
  readonly userAgent: string | null;
}

export interface OpenSession {
  readonly id: string;
  readonly user: User;
  readonly refreshToken: RefreshToken;
  /** The end of the session however often it is used. */
  readonly expiresAt: Date;
}

/** Opens, rotates and ends sessions; each is one short transaction. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly database: DataSource,
    private readonly users: UsersService,
    private readonly sessions: SessionsRepository,
    private readonly tokens: RefreshTokens,
    private readonly revoked: RevokedSessions,
    private readonly clock: Clock,
  ) {}

  signIn(identity: Identity, device: Device): Promise<OpenSession> {
    return this.database.transaction(async (tx) => {
      const user = await this.users.recordSignIn(tx, identity);
      if (user.disabled)
        throw new Forbidden('account_disabled', { detail: 'This account has been disabled by an administrator.' });
      const id = randomUUID();
      const now = this.clock.now();
      const refreshToken = this.tokens.first(id);
      const expiresAt = new Date(now.getTime() + ABSOLUTE_MS);
      await this.sessions.add(tx, {
        id,
        userId: user.id,
        createdAt: now,
        lastUsedAt: now,
        expiresAt,
        address: device.address,
        userAgent: device.userAgent?.slice(0, 500) ?? null,
        generation: 0,
        tokenHash: tokenHash(refreshToken),
        previousTokenHash: null,
        rotatedAt: null,
        revokedAt: null,
        revokedBecause: null,
      });
      return { id, user, refreshToken, expiresAt };
    });
  }

  /** Exchanges a refresh token for its successor. Reuse of an old one ends that session, and only that one. */
  async refresh(text: unknown): Promise<OpenSession> {
    const presented = this.tokens.read(text);
    if (presented === undefined) throw signedOut('refresh_token_invalid');
    const outcome = await this.database.transaction(async (tx): Promise<OpenSession | 'reuse' | undefined> => {
      const row = await this.sessions.lock(tx, presented.sessionId);
      if (row === undefined) return undefined;
      const now = this.clock.now();
      const decision = decideRefresh(row, tokenHash(presented), now);
      // The reuse must stay recorded: answered after the transaction, not by an error that would roll it back.
      if (decision === 'over') return undefined;
      if (decision === 'reuse') {
        await this.sessions.revoke(tx, row.id, 'reuse', now);
        await this.revoked.announce(tx, row.id);
        return 'reuse';
      }
      const user = await this.users.refreshRole(tx, await this.users.byId(row.userId, tx));
      if (user.disabled) return undefined;
      const successor = this.tokens.successor(presented);
      if (decision === 'rotate') {
        await this.sessions.update(tx, row.id, {
          generation: successor.generation,
          tokenHash: tokenHash(successor),
          previousTokenHash: row.tokenHash,
          rotatedAt: now,
          lastUsedAt: now,
        });
      }
      return { id: row.id, user, refreshToken: successor, expiresAt: row.expiresAt };
    });
    if (outcome === 'reuse') this.revoked.remember(presented.sessionId);
    if (outcome === undefined || outcome === 'reuse') throw signedOut('session_ended');
    return outcome;
  }

  /** Ends a session everywhere; nothing happens where it has ended already. */
  async end(sessionId: string, because: 'logout'): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (await this.sessions.revoke(tx, sessionId, because, this.clock.now()))
        await this.revoked.announce(tx, sessionId);
    });
    this.revoked.remember(sessionId);
  }

  /** The session that a refresh token belongs to, however old the token; undefined for anything else. */
  sessionOf(text: unknown): string | undefined {
    return this.tokens.read(text)?.sessionId;
  }
}

function signedOut(code: string): Unauthenticated {
  return new Unauthenticated(code, { detail: 'This session has ended. Please sign in again.' });
}
