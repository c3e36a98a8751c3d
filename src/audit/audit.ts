import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/time/clock.js';
import type { AuditEvent } from './audit-event.js';
import { AuditEventsRepository } from './audit-events.repository.js';

/** Writes the audit log: what happened to accounts and credentials, in order, for ever. */
@Injectable()
export class Audit {
  private readonly logger = new Logger(Audit.name);

  constructor(
    private readonly events: AuditEventsRepository,
    private readonly clock: Clock,
  ) {}

  /** Inside the transaction of what happened: neither is there without the other. */
  async record(tx: EntityManager, ...events: readonly AuditEvent[]): Promise<void> {
    await this.events.add(
      events.map((event) => this.rowOf(event)),
      tx,
    );
  }

  /** A refusal, which changes nothing and so has no transaction. Never throws: the refusal stands, and the log keeps the line. */
  async recordRefusal(event: AuditEvent): Promise<void> {
    const row = this.rowOf(event);
    try {
      await this.events.add([row]);
    } catch (error) {
      this.logger.error({ err: error, event: row }, 'a line of the audit log could not be written');
    }
  }

  /** What a deleted account leaves: its rows, under a random pseudonym, which is answered. */
  async pseudonymise(tx: EntityManager, person: string): Promise<string> {
    const pseudonym = randomUUID();
    await this.events.pseudonymise(tx, person, pseudonym);
    return pseudonym;
  }

  private rowOf({ action, person, actor, target, reason, device }: AuditEvent) {
    return {
      at: this.clock.now(),
      action,
      person,
      actor: actor ?? null,
      target: target ?? null,
      reason: reason ?? null,
      address: device?.address ?? null,
      userAgent: device?.userAgent ?? null,
      requestId: device?.requestId ?? null,
    };
  }
}
