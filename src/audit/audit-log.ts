import { Injectable } from '@nestjs/common';
import type { AuditSearch } from './audit-event.js';
import type { AuditEventEntity } from './audit-event.entity.js';
import { AuditEventsRepository } from './audit-events.repository.js';

export type AuditLine = Readonly<AuditEventEntity>;

export interface AuditPage {
  readonly events: readonly AuditLine[];
  /** The `before` of the next page; null after the last. */
  readonly next: string | null;
}

/** Reads the audit log, the newest line first. */
@Injectable()
export class AuditLog {
  constructor(private readonly events: AuditEventsRepository) {}

  async page(search: AuditSearch): Promise<AuditPage> {
    const found = await this.events.newest(search);
    const events = found.slice(0, search.limit);
    return { events, next: found.length > events.length ? (events.at(-1)?.id ?? null) : null };
  }
}
