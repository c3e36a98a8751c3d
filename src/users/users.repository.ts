import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Repository } from 'typeorm';
import type { CurrencyCode } from '../../libs/money/currency.js';
import type { Account, Identity, SignedInUser, User, UserRole } from './user.js';
import { UserEntity } from './user.entity.js';

/** Which accounts are asked for, and how many at most. */
export interface AccountSearch {
  /** An id, or a part of an address or name, in any case of letters; empty for all. */
  readonly query?: string | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface AccountPage {
  readonly accounts: readonly Account[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

/** What {@link AccountPage.next} looks like: microseconds since 1970, and an id. */
export const ACCOUNT_CURSOR = /^\d{1,16}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a sign-in finds of an account, as the columns are named. */
interface UserRow {
  readonly id: string;
  readonly country: string | null;
  readonly currency: CurrencyCode | null;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
}

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

  /**
   * Refreshes what the issuer says of a person, or creates the account; of many at once, all get the same row. One
   * statement: a sign-in holds its connection as briefly as can be.
   */
  async upsertIdentity(tx: EntityManager, identity: Identity, role: UserRole, at: Date): Promise<SignedInUser> {
    const { issuer, subject, email, emailVerified, name, picture } = identity;
    const [row] = await tx.query<(UserRow & { role_before: UserRole | null })[]>(
      `WITH before AS (SELECT role FROM users WHERE issuer = $2 AND subject = $3)
       INSERT INTO users (id, issuer, subject, email, email_verified, name, picture, role, created_at, last_login_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
       ON CONFLICT (issuer, subject) DO UPDATE
          SET (email, email_verified, name, picture, role, last_login_at) =
              (excluded.email, excluded.email_verified, excluded.name, excluded.picture, excluded.role, excluded.last_login_at)
       RETURNING id, country, currency, created_at, disabled_at, (SELECT role FROM before) AS role_before`,
      [randomUUID(), issuer, subject, email, emailVerified, name, picture, role, at],
    );
    if (row === undefined) throw new Error('an upsert answered no row');
    const { id, country, currency, created_at: createdAt, disabled_at: disabledAt, role_before: roleBefore } = row;
    const said = { email, emailVerified, name, picture, role, lastLoginAt: at };
    const user = { id, ...said, country, currency, createdAt, disabled: disabledAt !== null };
    return { user, roleChanged: roleBefore !== null && roleBefore !== role };
  }

  async setRole(tx: EntityManager, id: string, role: UserRole): Promise<void> {
    await tx.getRepository(UserEntity).update({ id }, { role });
  }

  /** The newest first. The place in the order goes from page to page, so that none is missed or repeated. */
  async newest({ query = '', after, limit }: AccountSearch): Promise<AccountPage> {
    const page = this.rows
      .createQueryBuilder('u')
      .addSelect('CAST(extract(epoch FROM u.created_at) * 1000000 AS bigint)', 'micros')
      .orderBy('u.createdAt', 'DESC')
      .addOrderBy('u.id', 'DESC')
      .limit(limit + 1);
    // No LIKE: what was typed has no wildcards.
    if (query !== '') {
      const isPart = (column: string) => `strpos(lower(${column}), lower(:query)) > 0`;
      page.andWhere(`(CAST(u.id AS text) = lower(:query) OR ${isPart('u.email')} OR ${isPart('u.name')})`, { query });
    }
    if (after !== undefined) {
      const [micros, id] = after.split('.');
      const createdAt = `timestamptz 'epoch' + CAST(:micros AS bigint) * interval '1 microsecond'`;
      page.andWhere(`(u.created_at, u.id) < (${createdAt}, CAST(:id AS uuid))`, { micros, id });
    }
    const { entities, raw } = await page.getRawAndEntities<{ micros: string }>();
    const last = entities[limit - 1];
    const isLast = entities.length <= limit || last === undefined;
    return {
      accounts: entities.slice(0, limit).map(toAccount),
      next: isLast ? null : `${raw[limit - 1]?.micros}.${last.id}`,
    };
  }

  /** Locks the rows until the transaction ends, in one order whoever asks: two who lock each other take turns. */
  async lockAccounts(tx: EntityManager, ids: readonly string[]): Promise<Account[]> {
    const rows = await tx.getRepository(UserEntity).find({
      where: { id: In(ids) },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
    return rows.map(toAccount);
  }

  async setDisabledAt(tx: EntityManager, id: string, disabledAt: Date | null): Promise<void> {
    await tx.getRepository(UserEntity).update({ id }, { disabledAt });
  }

  /** Undefined where the account is gone. */
  async chooseCountry(tx: EntityManager, id: string, country: string, currency: string): Promise<User | undefined> {
    await tx.getRepository(UserEntity).update({ id }, { country, currency });
    return this.byId(id, tx);
  }

  /** By id; without the accounts that are gone, and null where none is chosen. One query, however many are asked for. */
  async currenciesOf(ids: readonly string[]): Promise<Map<string, CurrencyCode | null>> {
    const rows = await this.rows.query<{ id: string; currency: CurrencyCode | null }[]>(
      'SELECT id, currency FROM users WHERE id = ANY($1)',
      [ids],
    );
    return new Map(rows.map(({ id, currency }) => [id, currency]));
  }
}

function toAccount(row: UserEntity): Account {
  return { ...toUser(row), disabledAt: row.disabledAt };
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
