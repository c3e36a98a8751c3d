import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How a provider has behaved: its last attempt, its last success, what went wrong. */
@Entity('rate_sources')
export class RateSourceEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_sources_pkey' })
  provider: string;

  @Column('timestamptz', { name: 'attempted_at' })
  attemptedAt: Date;

  @Column('timestamptz', { name: 'succeeded_at', nullable: true })
  succeededAt: Date | null;

  /** Since the last success. */
  @Column('int')
  failures: number;

  /** From this day on everything has been fetched once; null: nothing yet. */
  @Column('date', { name: 'loaded_from', nullable: true })
  loadedFrom: string | null;

  /** In our own words; null after a success. */
  @Column('text', { name: 'last_error', nullable: true })
  lastError: string | null;

  /** The source asked not to be called before. */
  @Column('timestamptz', { name: 'retry_at', nullable: true })
  retryAt: Date | null;

  /** When everything had last been fetched again. */
  @Column('timestamptz', { name: 'full_pass_at', nullable: true })
  fullPassAt: Date | null;

  /** From this day on the running full pass is done; null: none is running. */
  @Column('date', { name: 'full_pass_reached', nullable: true })
  fullPassReached: string | null;

  @Column('timestamptz', { name: 'full_pass_tried_at', nullable: true })
  fullPassTriedAt: Date | null;
}
