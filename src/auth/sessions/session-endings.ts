import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DataSource, type EntityManager } from 'typeorm';
import { Audit } from '../../audit/audit.js';
import { NotFound } from '../../platform/errors/errors.js';
import type { Device } from '../../platform/http/device.js';
import { Clock } from '../../platform/time/clock.js';
import { RevokedSessions } from './revoked-sessions.js';
import { type EndedSession, SessionsRepository } from './sessions.repository.js';

export type EndReason = 'logout' | 'logout_all' | 'device_removed' | 'reuse' | 'disabled' | 'deleted';

/** Who ends a session, where it is not its person. */
export interface EndedBy {
  readonly actor?: string;
  /** Null: with the account, of which nothing more is written down. */
  readonly device: Device | null;
}

/** Ends sessions: in one transaction the rows, the news to every process, and the line in the audit log. */
@Injectable()
export class SessionEndings {
  constructor(
    private readonly database: DataSource,
    private readonly sessions: SessionsRepository,
    private readonly revoked: RevokedSessions,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** Nothing happens where it has ended already. */
  async logout(id: string, device: Device): Promise<void> {
    await this.committed((tx) => this.end(tx, { id }, 'logout', { device }));
    // Ended by somebody else a moment ago, perhaps: then that news is on its way.
    this.revoked.remember(id);
  }

  async logoutAll(userId: string, device: Device): Promise<void> {
    await this.committed((tx) => this.end(tx, { userId }, 'logout_all', { device }));
  }

  /** One device of a person, from the list of them; throws NotFound where it is none of theirs, or has ended. */
  async removeDevice(userId: string, id: string, device: Device): Promise<void> {
    const work = (tx: EntityManager) => this.end(tx, { id, userId }, 'device_removed', { device });
    const ended = isUUID(id) ? await this.committed(work) : [];
    if (ended.length === 0)
      throw new NotFound('session_unknown', { detail: 'There is no such device, or it is signed out already.' });
  }

  /**
   * Inside a transaction of the caller, who calls {@link heed} once it is committed. Where the account itself changes,
   * its row is to be changed first: a sign-in that runs at the same time then waits, and finds the change.
   */
  async end(
    tx: EntityManager,
    which: { readonly id: string; readonly userId?: string } | { readonly userId: string },
    because: EndReason,
    by: EndedBy,
  ): Promise<readonly EndedSession[]> {
    const ended = await this.sessions.revoke(tx, which, because, this.clock.now());
    const ids = ended.map(({ id }) => id);
    await this.revoked.announce(tx, ids);
    await this.audit.record(
      tx,
      ...ended.map(({ id, userId }) => {
        const action = because === 'reuse' ? ('session.reused' as const) : ('session.ended' as const);
        return { action, person: userId, actor: by.actor ?? null, target: id, reason: because, device: by.device };
      }),
    );
    return ended;
  }

  /** After the commit: this process does not wait for its own news. */
  heed(ended: readonly EndedSession[]): void {
    for (const { id } of ended) this.revoked.remember(id);
  }

  private async committed(
    work: (tx: EntityManager) => Promise<readonly EndedSession[]>,
  ): Promise<readonly EndedSession[]> {
    const ended = await this.database.transaction(work);
    this.heed(ended);
    return ended;
  }
}
