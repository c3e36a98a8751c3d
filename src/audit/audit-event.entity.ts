import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { AuditAction } from './audit-event.js';

/**
 * A line of the audit log. Rows are added and never changed: a trigger refuses it, but for the erasure of a person. No
 * foreign keys: what happened outlives whom it happened to.
 */
@Entity('audit_events')
@Index('audit_events_person', ['person', 'id'])
@Index('audit_events_actor', ['actor', 'id'], { where: 'actor IS NOT NULL' })
@Index('audit_events_action', ['action', 'id'])
@Index('audit_events_at', ['at'])
export class AuditEventEntity {
  /** In the order of writing. A number of 64 bits, as text. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'audit_events_pkey',
  })
  id: string;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  action: AuditAction;

  /** A user's id, or the pseudonym that took its place. */
  @Column('uuid', { nullable: true })
  person: string | null;

  @Column('uuid', { nullable: true })
  actor: string | null;

  @Column('text', { nullable: true })
  target: string | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId: string | null;
}
