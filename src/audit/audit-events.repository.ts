import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, MoreThan, Repository } from 'typeorm';
import { AuditEventEntity } from './audit-event.entity.js';

const ROWS_AT_ONCE = 1_000;

@Injectable()
export class AuditEventsRepository {
  constructor(@InjectRepository(AuditEventEntity) private readonly rows: Repository<AuditEventEntity>) {}

  async add(events: Omit<AuditEventEntity, 'id'>[], tx?: EntityManager): Promise<void> {
    if (events.length === 0) return;
    await (tx?.getRepository(AuditEventEntity) ?? this.rows).insert(events);
  }

  /** Everything that concerns a person, the oldest first, read in pieces. */
  async *concerning(person: string): AsyncGenerator<AuditEventEntity> {
    let after = '0';
    for (;;) {
      const rows = await this.rows.find({
        where: { person, id: MoreThan(after) },
        order: { id: 'ASC' },
        take: ROWS_AT_ONCE,
      });
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_AT_ONCE) return;
      after = last.id;
    }
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
