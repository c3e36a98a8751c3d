import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import type { CurrencyCode } from '../../libs/money/currency.js';
import type { Identity, User, UserRole } from './user.js';
import { UserEntity } from './user.entity.js';

@Injectable()
export class UsersRepository {
  constructor(@InjectRepository(UserEntity) private readonly rows: Repository<UserEntity>) {}

  /** Inside a transaction where one is given, so that a second connection is never needed. */
  async byId(id: string, tx?: EntityManager): Promise<User | undefined> {
    const row = await (tx?.getRepository(UserEntity) ?? this.rows).findOneBy({ id });
    return row === null ? undefined : toUser(row);
  }

  /** Locks the row until the transaction ends: nothing that refers to the account is added meanwhile. */
  async lock(tx: EntityManager, id: string): Promise<User | undefined> {
    const row = await tx.getRepository(UserEntity).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    return row === null ? undefined : toUser(row);
  }

  async delete(tx: EntityManager, id: string): Promise<void> {
    await tx.getRepository(UserEntity).delete({ id });
  }

  /** Creates the account of an identity or refreshes what the issuer says of it; of many at once, all get the same row. */
  async upsertIdentity(tx: EntityManager, identity: Identity, role: UserRole, at: Date): Promise<User> {
    const rows = tx.getRepository(UserEntity);
    await rows
      .createQueryBuilder()
      .insert()
      .values({
        id: randomUUID(),
        ...identity,
        role,
        country: null,
        currency: null,
        createdAt: at,
        lastLoginAt: at,
        disabledAt: null,
      })
      .orUpdate(['email', 'email_verified', 'name', 'picture', 'role', 'last_login_at'], ['issuer', 'subject'])
      .execute();
    return toUser(await rows.findOneByOrFail({ issuer: identity.issuer, subject: identity.subject }));
  }

  async setRole(id: string, role: UserRole): Promise<void> {
    await this.rows.update({ id }, { role });
  }

  /** Undefined where the account is gone. */
  async chooseCountry(id: string, country: string, currency: string): Promise<User | undefined> {
    await this.rows.update({ id }, { country, currency });
    return this.byId(id);
  }
}

function toUser(row: UserEntity): User {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.emailVerified,
    name: row.name,
    picture: row.picture,
    role: row.role,
    country: row.country,
    currency: row.currency as CurrencyCode | null,
    createdAt: row.createdAt,
    lastLoginAt: row.lastLoginAt,
    disabled: row.disabledAt !== null,
  };
}
