import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CurrencyCode } from '../../libs/money/currency.js';
import { CountriesService } from '../countries/countries.service.js';
import { Conflict, Forbidden, Invalid, NotFound, Unauthenticated } from '../platform/errors/errors.js';
import { Clock } from '../platform/time/clock.js';
import { Administrators } from './administrators.js';
import { ChosenCurrencies } from './chosen-currencies.js';
import type { Account, Identity, SignedInUser, User, UserRole } from './user.js';
import { type AccountPage, type AccountSearch, UsersRepository } from './users.repository.js';

export interface CountryChoice {
  readonly country?: string | undefined;
  readonly currency?: string | undefined;
}

/** An account as it is now, and whether that is new. */
export interface AccountChange {
  readonly account: Account;
  readonly changed: boolean;
}

@Injectable()
export class UsersService {
  constructor(
    private readonly database: DataSource,
    private readonly users: UsersRepository,
    private readonly currencies: ChosenCurrencies,
    private readonly countries: CountriesService,
    private readonly administrators: Administrators,
    private readonly clock: Clock,
  ) {}

  async byId(id: string, tx?: EntityManager): Promise<User> {
    return (await this.users.byId(id, tx)) ?? accountGone();
  }

  /** Locks the account for the rest of the transaction; throws Unauthenticated where it is gone. */
  async lock(tx: EntityManager, id: string): Promise<User> {
    return (await this.users.lock(tx, id)) ?? accountGone();
  }

  /** From memory where it can be. Throws Conflict where none is chosen yet, Unauthenticated where the account is gone. */
  async currencyOf(id: string): Promise<CurrencyCode> {
    const currency = await this.currencies.of(id);
    if (currency === undefined) accountGone();
    if (currency === null)
      throw new Conflict('country_not_chosen', { detail: 'Choose a country first: PATCH /api/users/me.' });
    return currency;
  }

  /** With everything that refers to the account by a foreign key. Answers what is to be done after the commit. */
  async delete(tx: EntityManager, id: string): Promise<() => void> {
    await this.users.delete(tx, id);
    await this.currencies.announce(tx, id);
    return () => this.currencies.forget(id);
  }

  /** The account of a verified identity, created at its first sign-in; sets the last login. */
  recordSignIn(tx: EntityManager, identity: Identity): Promise<SignedInUser> {
    return this.users.upsertIdentity(tx, identity, this.administrators.roleOf(identity), this.clock.now());
  }

  setRole(tx: EntityManager, id: string, role: UserRole): Promise<void> {
    return this.users.setRole(tx, id, role);
  }

  /** The currency follows the country unless given, and must be one of that country's. */
  async chooseCountry(id: string, choice: CountryChoice): Promise<User> {
    const user = await this.byId(id);
    if (choice.country === undefined && choice.currency === undefined) return user;
    const code = choice.country ?? user.country ?? undefined;
    if (code === undefined) throw Invalid.field('country', 'is needed before a currency can be chosen');
    const country = this.countries.find(code);
    if (country === undefined) throw Invalid.field('country', 'is no ISO 3166-1 alpha-2 code');
    if (choice.currency !== undefined && !this.countries.hasCurrency(country.code, choice.currency)) {
      throw Invalid.field('currency', `is not one of this country's: ${country.currencies.join(', ')}`);
    }
    const currency = choice.currency?.toUpperCase() ?? country.currency;
    const changed = await this.database.transaction(async (tx) => {
      const now = await this.users.chooseCountry(tx, id, country.code, currency);
      await this.currencies.announce(tx, id);
      return now;
    });
    this.currencies.forget(id);
    return changed ?? accountGone();
  }

  accounts(search: AccountSearch): Promise<AccountPage> {
    return this.users.newest(search);
  }

  /** The account, locked until the transaction ends, can no longer be signed in to. Throws NotFound where it is none. */
  disable(tx: EntityManager, id: string, administrator: string): Promise<AccountChange> {
    return this.setDisabled(tx, id, administrator, true);
  }

  /** As {@link disable}: it can be signed in to again. */
  enable(tx: EntityManager, id: string, administrator: string): Promise<AccountChange> {
    return this.setDisabled(tx, id, administrator, false);
  }

  /**
   * Whoever does it is locked and looked at again as well: of two administrators who disable each other at the same time
   * one comes second and is refused, so that somebody is left who can enable accounts.
   */
  private async setDisabled(
    tx: EntityManager,
    id: string,
    administrator: string,
    disabled: boolean,
  ): Promise<AccountChange> {
    const locked = await this.users.lockAccounts(tx, [id, administrator]);
    const by = locked.find((account) => account.id === administrator);
    if (by === undefined || by.disabled || by.role !== 'admin')
      throw new Forbidden('admin_only', { detail: 'This is for administrators.' });
    const account = locked.find((candidate) => candidate.id === id);
    if (account === undefined) throw new NotFound('user_unknown', { detail: 'There is no user with this id.' });
    if (account.disabled === disabled) return { account, changed: false };
    const disabledAt = disabled ? this.clock.now() : null;
    await this.users.setDisabledAt(tx, id, disabledAt);
    return { account: { ...account, disabled, disabledAt }, changed: true };
  }
}

function accountGone(): never {
  throw new Unauthenticated('account_gone', { detail: 'This account no longer exists. Please sign in again.' });
}
