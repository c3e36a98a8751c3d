import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountAccess } from './account-access.js';
import { PersonalData } from '../users/personal-data.js';
import { SessionsRepository } from './sessions/sessions.repository.js';

/** The devices of a person, those that are signed out and not yet forgotten too. */
@Injectable()
export class SessionsPersonalData extends PersonalData {
  readonly name = 'sessions';

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly access: AccountAccess,
  ) {
    super();
  }

  async *of(userId: string): AsyncGenerator<object> {
    for (const row of await this.sessions.allOf(userId)) {
      const { id, createdAt, lastUsedAt, expiresAt, address, userAgent, revokedAt, revokedBecause } = row;
      yield {
        id,
        createdAt,
        lastUsedAt,
        expiresAt,
        address,
        userAgent,
        endedAt: revokedAt,
        endedBecause: revokedBecause,
      };
    }
  }

  async erase(tx: EntityManager, userId: string): Promise<() => void> {
    const afterwards = await this.access.withdraw(tx, userId, 'deleted', { device: null });
    await this.sessions.anonymise(tx, userId);
    return afterwards;
  }
}
