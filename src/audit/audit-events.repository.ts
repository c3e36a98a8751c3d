import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, MoreThan, Repository } from 'typeorm';
import { AuditEventEntity } from './audit-event.entity.js';
import type { AuditSearch } from './audit-event.js';

const ROWS_AT_ONCE = 1_000;

@Injectable()
export class AuditEventsRepository {
  constructor(@InjectRepository(AuditEventEntity) private readonly rows: Repository<AuditEventEntity>) {}

  async add(events: Omit<AuditEventEntity, 'id'>[], tx?: EntityManager): Promise<void> {
    if (events.length === 0) return;
    const rows = tx?.getRepository(AuditEventEntity) ?? this.rows;
    await rows.createQueryBuilder().insert().values(events).updateEntity(false).execute();
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

  /** The newest lines that match, in descending order of their ids; `limit` and one more where there are more. */
  async newest({ person, action, from, to, before, limit }: AuditSearch): Promise<AuditEventEntity[]> {
    const lines = (whose: string) => `
      (SELECT id, at, action, person, actor, target, reason, address, user_agent AS "userAgent", request_id AS "requestId"
         FROM audit_events
        WHERE ${whose}
          AND ($2::text IS NULL OR action = $2)
          AND ($3::timestamptz IS NULL OR at >= $3)
          AND ($4::timestamptz IS NULL OR at < $4)
          AND ($5::bigint IS NULL OR id < $5)
        ORDER BY id DESC LIMIT $6)`;
    // Two questions, each in the order of its index: one with OR would sort everything of a person for every page.
    return this.rows.query<AuditEventEntity[]>(
      `${lines('($1::uuid IS NULL OR person = $1)')}
       UNION ALL ${lines('actor = $1 AND person IS DISTINCT FROM $1')}
       ORDER BY id DESC LIMIT $6`,
      [person ?? null, action ?? null, from ?? null, to ?? null, before ?? null, limit + 1],
    );
  }

  /** Puts a pseudonym in a person's place, and forgets where that person came from. */
  async pseudonymise(tx: EntityManager, person: string, pseudonym: string): Promise<void> {
    // For the trigger that keeps everything else as it is.
    await this.setErasing(tx, `${person}:${pseudonym}`);
    await tx.query(
      `UPDATE audit_events
          SET person = CASE WHEN person = $1 THEN $2 ELSE person END,
              actor = CASE WHEN actor = $1 THEN $2 ELSE actor END,
              address = CASE WHEN coalesce(actor, person) = $1 THEN NULL ELSE address END,
              user_agent = CASE WHEN coalesce(actor, person) = $1 THEN NULL ELSE user_agent END
        WHERE person = $1 OR actor = $1`,
      [person, pseudonym],
    );
    await this.setErasing(tx, '');
  }

  /** Ends with the transaction: the connection goes back to the pool without it. */
  private async setErasing(tx: EntityManager, whom: string): Promise<void> {
    await tx.query(`SELECT set_config('hackonomics.erasing', $1, true)`, [whom]);
  }
}
