import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { CredentialsInForce } from './machine-credentials/credentials-in-force.js';
import { type EndedBy, SessionEndings } from './sessions/session-endings.js';

/** Every way into an account at once: sessions, API keys and HMAC clients. */
@Injectable()
export class AccountAccess {
  constructor(
    private readonly database: DataSource,
    private readonly users: UsersService,
    private readonly sessions: SessionEndings,
    private readonly machines: CredentialsInForce,
  ) {}

  /**
   * Inside the transaction that has just changed the account's row, and so known in every process when it commits:
   * sessions end, keys and clients are looked up anew. Answers what is to be done after the commit.
   */
  async withdraw(tx: EntityManager, userId: string, because: 'disabled' | 'deleted', by: EndedBy): Promise<() => void> {
    const ended = await this.sessions.end(tx, { userId }, because, by);
    const forget = await this.review(tx, userId);
    return () => {
      this.sessions.heed(ended);
      forget();
    };
  }

  /** Looks again at who is an administrator, in a transaction of its own: the list may have changed since the sign-in. */
  async withPresentRole(user: User): Promise<User> {
    const role = this.users.roleOf(user);
    if (role === user.role) return user;
    const afterwards = await this.database.transaction(async (tx) => {
      await this.users.setRole(tx, user.id, role);
      return this.review(tx, user.id);
    });
    afterwards();
    return { ...user, role };
  }

  /** Keys and clients of a person who may do more or less than before are looked up anew, as above. */
  async review(tx: EntityManager, userId: string): Promise<() => void> {
    await this.machines.announceUser(tx, userId);
    return () => this.machines.forgetUser(userId);
  }
}
