import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Audit } from '../audit/audit.js';
import type { Device } from '../platform/http/device.js';
import { Clock } from '../platform/time/clock.js';
import { toProfile } from '../users/users.dto.js';
import { UsersService } from '../users/users.service.js';
import { PersonalData } from '../users/personal-data.js';

export const PERSONAL_DATA = Symbol('what the features keep of a person');

/** Hands over everything that is kept of a person, or takes it away. */
@Injectable()
export class AccountService {
  constructor(
    private readonly database: DataSource,
    private readonly users: UsersService,
    @Inject(PERSONAL_DATA) private readonly parts: readonly PersonalData[],
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** JSON text in pieces, so that no export is too long to be held: the profile, then one list for each part. */
  async export(userId: string, device: Device): Promise<AsyncIterable<string>> {
    const user = await this.database.transaction(async (tx) => {
      const locked = await this.users.lock(tx, userId);
      await this.audit.record(tx, { action: 'account.exported', person: userId, device });
      return locked;
    });
    const head = { exportedAt: this.clock.now().toISOString(), profile: toProfile(user) };
    return jsonText(head, this.parts, userId);
  }

  /**
   * Everything of that person is gone with one commit, and known to be gone everywhere at once. The same Google account
   * may sign in again, and starts empty.
   */
  async delete(userId: string): Promise<void> {
    const afterwards = await this.database.transaction(async (tx) => {
      await this.users.lock(tx, userId);
      const steps = [];
      for (const part of this.parts) steps.push(await part.erase(tx, userId));
      const pseudonym = await this.audit.pseudonymise(tx, userId);
      await this.audit.record(tx, { action: 'account.deleted', person: pseudonym, device: null });
      return [...steps, await this.users.delete(tx, userId)];
    });
    for (const step of afterwards) step();
  }
}

async function* jsonText(head: object, parts: readonly PersonalData[], userId: string): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const part of parts) {
    yield `,${JSON.stringify(part.name)}:[`;
    let separator = '';
    for await (const item of part.of(userId)) {
      yield `${separator}${JSON.stringify(item)}`;
      separator = ',';
    }
    yield ']';
  }
  yield '}';
}
