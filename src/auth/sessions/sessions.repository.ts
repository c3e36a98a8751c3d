import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, MoreThan, Repository } from 'typeorm';
import { SessionEntity } from './session.entity.js';

@Injectable()
export class SessionsRepository {
  constructor(@InjectRepository(SessionEntity) private readonly rows: Repository<SessionEntity>) {}

  async add(tx: EntityManager, session: Omit<SessionEntity, 'user'>): Promise<void> {
    await tx.getRepository(SessionEntity).insert(session);
  }

  /** Locks the row until the transaction ends: refreshes of one session take turns. */
  async lock(tx: EntityManager, id: string): Promise<SessionEntity | undefined> {
    const row = await tx.getRepository(SessionEntity).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    return row ?? undefined;
  }

  async update(tx: EntityManager, id: string, change: Partial<SessionEntity>): Promise<void> {
    await tx.getRepository(SessionEntity).update({ id }, change);
  }

  /** True where the session was alive until now. */
  async revoke(tx: EntityManager, id: string, because: string, at: Date): Promise<boolean> {
    const change = { revokedAt: at, revokedBecause: because };
    const { affected } = await tx.getRepository(SessionEntity).update({ id, revokedAt: IsNull() }, change);
    return affected === 1;
  }

  async isRevoked(id: string): Promise<boolean> {
    const row = await this.rows.findOne({ where: { id }, select: { id: true, revokedAt: true } });
    return row === null || row.revokedAt !== null;
  }

  async revokedSince(since: Date): Promise<string[]> {
    const rows = await this.rows.find({ where: { revokedAt: MoreThan(since) }, select: { id: true } });
    return rows.map((row) => row.id);
  }
}
