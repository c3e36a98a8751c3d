import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, LessThan, MoreThan, Repository } from 'typeorm';
import { SessionEntity } from './session.entity.js';
import { IDLE_MS } from './session-rules.js';

export interface EndedSession {
  readonly id: string;
  readonly userId: string | null;
}

@Injectable()
export class SessionsRepository {
  constructor(@InjectRepository(SessionEntity) private readonly rows: Repository<SessionEntity>) {}

  async add(tx: EntityManager, session: Omit<SessionEntity, 'user'>): Promise<void> {
    await tx.getRepository(SessionEntity).createQueryBuilder().insert().values(session).updateEntity(false).execute();
  }

  /** Locks the row until the transaction ends: refreshes of one session take turns. */
  async lock(tx: EntityManager, id: string): Promise<SessionEntity | undefined> {
    const row = await tx.getRepository(SessionEntity).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    return row ?? undefined;
  }

  async update(tx: EntityManager, id: string, change: Partial<SessionEntity>): Promise<void> {
    await tx.getRepository(SessionEntity).update({ id }, change);
  }

  /** Those that can still be used, the last used first. */
  aliveOf(userId: string, now: Date): Promise<SessionEntity[]> {
    const usedSince = new Date(now.getTime() - IDLE_MS);
    return this.rows.find({
      where: { userId, revokedAt: IsNull(), expiresAt: MoreThan(now), lastUsedAt: MoreThan(usedSince) },
      order: { lastUsedAt: 'DESC', id: 'ASC' },
    });
  }

  /** Also those that have ended, the oldest first. */
  allOf(userId: string): Promise<SessionEntity[]> {
    return this.rows.find({ where: { userId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Ends those of these sessions that were alive until now, and answers them. */
  revoke(
    tx: EntityManager,
    which: { readonly id: string; readonly userId?: string } | { readonly userId: string },
    because: string,
    at: Date,
  ): Promise<EndedSession[]> {
    return this.change(tx, { ...which, revokedAt: IsNull() }, { revokedAt: at, revokedBecause: because });
  }

  /**
   * Takes the person out of all sessions of an account that is going. The rows stay until no access token of theirs can
   * be shown any more, so that every process knows that they ended.
   */
  async anonymise(tx: EntityManager, userId: string): Promise<void> {
    await this.change(tx, { userId }, { userId: null, address: null, userAgent: null });
  }

  async isRevoked(id: string): Promise<boolean> {
    const row = await this.rows.findOne({ where: { id }, select: { id: true, revokedAt: true } });
    return row === null || row.revokedAt !== null;
  }

  async revokedSince(since: Date): Promise<string[]> {
    const rows = await this.rows.find({ where: { revokedAt: MoreThan(since) }, select: { id: true } });
    return rows.map((row) => row.id);
  }

  /** Removes what ended before; answers how many. */
  async forgetEnded(before: Date): Promise<number> {
    const idleSince = new Date(before.getTime() - IDLE_MS);
    const { affected } = await this.rows.delete([
      { revokedAt: LessThan(before) },
      { expiresAt: LessThan(before) },
      { lastUsedAt: LessThan(idleSince) },
    ] as never);
    return affected ?? 0;
  }

  private async change(
    tx: EntityManager,
    where: object,
    change: Partial<Omit<SessionEntity, 'user'>>,
  ): Promise<EndedSession[]> {
    const result = await tx
      .createQueryBuilder()
      .update(SessionEntity)
      .set(change)
      .where(where)
      .returning(['id', 'userId'])
      .execute();
    const rows = result.raw as { id: string; user_id: string | null }[];
    return rows.map((row) => ({ id: row.id, userId: row.user_id }));
  }
}
