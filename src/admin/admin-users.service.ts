import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DataSource } from 'typeorm';
import { Audit } from '../audit/audit.js';
import { AccountAccess } from '../auth/account-access.js';
import { Conflict, NotFound } from '../platform/errors/errors.js';
import type { Device } from '../platform/http/device.js';
import type { Account } from '../users/user.js';
import type { AccountPage, AccountSearch } from '../users/users.repository.js';
import { UsersService } from '../users/users.service.js';

/** What an administrator does with accounts: each change is one transaction with its line in the audit log. */
@Injectable()
export class AdminUsersService {
  constructor(
    private readonly database: DataSource,
    private readonly users: UsersService,
    private readonly audit: Audit,
    private readonly access: AccountAccess,
  ) {}

  list(search: AccountSearch): Promise<AccountPage> {
    return this.users.accounts(search);
  }

  /** Throws Conflict for oneself and NotFound for nobody. Once more changes nothing. */
  async disable(id: string, administrator: string, device: Device): Promise<Account> {
    const person = userId(id);
    if (person === administrator) {
      throw new Conflict('cannot_disable_self', {
        detail: 'You cannot disable your own account: another administrator can.',
      });
    }
    const { account, afterwards } = await this.database.transaction(async (tx) => {
      // The row first: a sign-in at the same time waits for it, and then finds the account disabled.
      const { account, changed } = await this.users.disable(tx, person, administrator);
      if (changed) await this.audit.record(tx, { action: 'user.disabled', person, actor: administrator, device });
      const by = { actor: administrator, device };
      return { account, afterwards: await this.access.withdraw(tx, person, 'disabled', by) };
    });
    afterwards();
    return account;
  }

  /** Throws NotFound for nobody. Sessions that ended stay ended: the person signs in anew. */
  async enable(id: string, administrator: string, device: Device): Promise<Account> {
    const person = userId(id);
    const { account, afterwards } = await this.database.transaction(async (tx) => {
      const { account, changed } = await this.users.enable(tx, person, administrator);
      if (changed) await this.audit.record(tx, { action: 'user.enabled', person, actor: administrator, device });
      return { account, afterwards: await this.access.review(tx, person) };
    });
    afterwards();
    return account;
  }
}

/** As the database writes it, so that the same id in capitals is the same user. */
function userId(text: string): string {
  if (!isUUID(text)) throw new NotFound('user_unknown', { detail: 'There is no user with this id.' });
  return text.toLowerCase();
}
