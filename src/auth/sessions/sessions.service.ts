import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Audit } from '../../audit/audit.js';
import type { AuditAction, AuditEvent } from '../../audit/audit-event.js';
import { Forbidden, Unauthenticated } from '../../platform/errors/errors.js';
import type { Device } from '../../platform/http/device.js';
import { Clock } from '../../platform/time/clock.js';
import type { Identity, User } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { AccountAccess } from '../account-access.js';
import { RefreshTokens, tokenHash, type RefreshToken } from './refresh-token.js';
import { SessionEndings } from './session-endings.js';
import { ABSOLUTE_MS, decideRefresh } from './session-rules.js';
import type { SessionEntity } from './session.entity.js';
import { type EndedSession, SessionsRepository } from './sessions.repository.js';

export interface OpenSession {
  readonly id: string;
  readonly user: User;
  readonly refreshToken: RefreshToken;
  /** The end of the session however often it is used. */
  readonly expiresAt: Date;
}

/** A device that a person is signed in with, as the list of them shows it. */
export interface SignedInDevice {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** Of the last refresh. */
  readonly address: string | null;
  readonly userAgent: string | null;
}

interface DisabledUser {
  readonly disabled: string;
}

interface Reuse {
  readonly reuse: readonly EndedSession[];
}

/** Opens and rotates sessions; each is one short transaction. */
@Injectable()
export class SessionsService {
  /** By the presented token; each only while its transaction runs. */
  private readonly refreshes = new Map<string, Promise<OpenSession>>();

  constructor(
    private readonly database: DataSource,
    private readonly users: UsersService,
    private readonly sessions: SessionsRepository,
    private readonly tokens: RefreshTokens,
    private readonly endings: SessionEndings,
    private readonly access: AccountAccess,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  async signIn(identity: Identity, device: Device): Promise<OpenSession> {
    const outcome = await this.database.transaction(async (tx): Promise<OpenSession | DisabledUser> => {
      const { user, roleChanged } = await this.users.recordSignIn(tx, identity);
      if (roleChanged) await this.access.review(tx, user.id);
      if (user.disabled) return { disabled: user.id };
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
        userAgent: device.userAgent,
        generation: 0,
        tokenHash: tokenHash(refreshToken),
        previousTokenHash: null,
        rotatedAt: null,
        revokedAt: null,
        revokedBecause: null,
      });
      await this.audit.record(tx, this.line('sign_in.succeeded', id, user, device));
      return { id, user, refreshToken, expiresAt };
    });
    if (!('disabled' in outcome)) return outcome;
    await this.audit.recordRefusal({
      action: 'sign_in.refused',
      person: outcome.disabled,
      reason: 'account_disabled',
      device,
    });
    throw new Forbidden('account_disabled', { detail: 'This account has been disabled by an administrator.' });
  }

  /**
   * Exchanges a refresh token for its successor. Reuse of an old one ends that session, and only that one. Whoever
   * presents the same token at the same moment gets the same answer: many tabs cost one transaction, and nobody can
   * occupy the pool with waits for one row.
   */
  refresh(presented: RefreshToken, device: Device): Promise<OpenSession> {
    const running = this.refreshes.get(presented.text);
    if (running !== undefined) return running;
    const refresh = this.exchange(presented, device).finally(() => this.refreshes.delete(presented.text));
    this.refreshes.set(presented.text, refresh);
    return refresh;
  }

  /** A refresh token of ours, however old; throws Unauthenticated for anything else. */
  genuine(text: unknown): RefreshToken {
    const token = this.tokens.read(text);
    if (token === undefined) throw signedOut('refresh_token_invalid');
    return token;
  }

  /** The devices that a person is signed in with, the last used first. */
  async devicesOf(userId: string): Promise<SignedInDevice[]> {
    const rows = await this.sessions.aliveOf(userId, this.clock.now());
    return rows.map(({ id, createdAt, lastUsedAt, address, userAgent }) => {
      return { id, createdAt, lastUsedAt, address, userAgent };
    });
  }

  private async exchange(presented: RefreshToken, device: Device): Promise<OpenSession> {
    const outcome = await this.database.transaction(async (tx): Promise<OpenSession | Reuse | undefined> => {
      const row = await this.sessions.lock(tx, presented.sessionId);
      if (row === undefined || row.userId === null) return undefined;
      const decision = decideRefresh(row, tokenHash(presented), this.clock.now());
      if (decision === 'over') return undefined;
      // The reuse must stay recorded: answered after the transaction, not by an error that would roll it back.
      if (decision === 'reuse') return { reuse: await this.endings.end(tx, { id: row.id }, 'reuse', { device }) };
      const user = await this.users.byId(row.userId, tx);
      if (user.disabled) return undefined;
      const refreshToken = this.tokens.successor(presented);
      if (decision === 'rotate') await this.rotate(tx, row, refreshToken, user, device);
      return { id: row.id, user, refreshToken, expiresAt: row.expiresAt };
    });
    if (outcome === undefined) throw signedOut('session_ended');
    if ('reuse' in outcome) {
      this.endings.heed(outcome.reuse);
      throw signedOut('session_ended');
    }
    // After the transaction: it holds the session's row, and whoever disables an account takes the two in the other order.
    return { ...outcome, user: await this.access.withPresentRole(outcome.user) };
  }

  private async rotate(
    tx: EntityManager,
    row: SessionEntity,
    successor: RefreshToken,
    user: User,
    device: Device,
  ): Promise<void> {
    const now = this.clock.now();
    await this.sessions.update(tx, row.id, {
      generation: successor.generation,
      tokenHash: tokenHash(successor),
      previousTokenHash: row.tokenHash,
      rotatedAt: now,
      lastUsedAt: now,
      address: device.address,
      userAgent: device.userAgent,
    });
    await this.audit.record(tx, this.line('session.rotated', row.id, user, device));
  }

  /** With the role that the session has from here on. */
  private line(action: AuditAction, id: string, user: User, device: Device): AuditEvent {
    return { action, person: user.id, target: id, reason: user.role, device };
  }
}

function signedOut(code: string): Unauthenticated {
  return new Unauthenticated(code, { detail: 'This session has ended. Please sign in again.' });
}
