import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { AuditEventEntity } from './audit-event.entity.js';

@Injectable()
export class AuditEventsRepository {
  constructor(@InjectRepository(AuditEventEntity) private readonly rows: Repository<AuditEventEntity>) {}

  async add(event: Omit<AuditEventEntity, 'id'>, tx?: EntityManager): Promise<void> {
    await (tx?.getRepository(AuditEventEntity) ?? this.rows).insert(event);
  }

  /** Puts a pseudonym in a person's place, and forgets where that person came from. */
  async pseudonymise(tx: EntityManager, person: string, pseudonym: string): Promise<void> {
    await tx.query(`SET LOCAL hackonomics.erasing = 'on'`);
    await tx.query(
      `UPDATE audit_events
          SET person = CASE WHEN person = $1 THEN $2 ELSE person END,
              actor = CASE WHEN actor = $1 THEN $2 ELSE actor END,
              address = CASE WHEN coalesce(actor, person) = $1 THEN NULL ELSE address END,
              user_agent = CASE WHEN coalesce(actor, person) = $1 THEN NULL ELSE user_agent END
        WHERE person = $1 OR actor = $1`,
      [person, pseudonym],
    );
    await tx.query(`SET LOCAL hackonomics.erasing = 'off'`);
  }
}
