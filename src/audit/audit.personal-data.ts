import { Injectable } from '@nestjs/common';
import { PersonalData } from '../users/personal-data.js';
import { AuditEventsRepository } from './audit-events.repository.js';

/** What the audit log says of a person. It goes over to a pseudonym with the account, as the last step of the deletion. */
@Injectable()
export class AuditPersonalData extends PersonalData {
  readonly name = 'auditEvents';

  constructor(private readonly events: AuditEventsRepository) {
    super();
  }

  async *of(userId: string): AsyncGenerator<object> {
    for await (const row of this.events.concerning(userId)) {
      const { id, at, action, target, reason, requestId, actor } = row;
      // Where an administrator did it, address and browser are the administrator's.
      const { address, userAgent } = actor === null ? row : { address: null, userAgent: null };
      yield { id, at, action, target, reason, address, userAgent, requestId, byAdministrator: actor !== null };
    }
  }

  erase(): Promise<() => void> {
    return Promise.resolve(() => undefined);
  }
}
