import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A figure that was published and is not believed: never a rate until it is vouched for. */
@Entity('rate_quarantine')
@Check('rate_quarantine_rate_check', 'length(rate) <= 64')
export class RateQuarantineEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_quarantine_pkey' })
  provider: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_quarantine_pkey' })
  base: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_quarantine_pkey' })
  quote: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'rate_quarantine_pkey' })
  date: string;

  /** As published; it need not be a number. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_quarantine_pkey' })
  rate: string;

  @Column('text')
  reason: string;

  @Column('timestamptz', { name: 'first_seen' })
  firstSeen: Date;

  @Column('timestamptz', { name: 'last_seen' })
  lastSeen: Date;

  /** Answers that had it. */
  @Column('int')
  times: number;
}
