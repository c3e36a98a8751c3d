import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { UserEntity } from '../users/user.entity.js';
import type { JobState } from './run-states.js';

/** A job that somebody asked for. The queue says who works on it; this row says what became of it. */
@Entity('job_runs')
// The same request while one is under way is the same job. One that is being cancelled is under way no longer.
@Index('job_runs_same', ['type', 'ownerId', 'dedupeKey'], {
  unique: true,
  where: `state IN ('queued', 'running') AND cancel_requested_at IS NULL`,
})
@Index('job_runs_created', ['createdAt', 'id'])
@Index('job_runs_owner', ['ownerId', 'createdAt'])
export class JobRunEntity {
  /** Also the id of the message in the queue. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'job_runs_pkey' })
  id: string;

  /** The name of the job, and of its queue. */
  @Column('text')
  type: string;

  @Column('jsonb')
  params: object;

  /** Null: of an account that is gone. */
  @Column('uuid', { name: 'owner_id', nullable: true })
  ownerId: string | null;

  @ManyToOne(() => UserEntity, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'owner_id', foreignKeyConstraintName: 'job_runs_owner_fkey' })
  owner: Relation<UserEntity> | null;

  @Column('text', { name: 'dedupe_key' })
  dedupeKey: string;

  @Column('text')
  state: JobState;

  /** How often it was taken up; whoever took it up last, and nobody else, may write. */
  @Column('int')
  attempts: number;

  /** How often it went wrong; an interruption is none. */
  @Column('int')
  failures: number;

  @Column('int')
  done: number;

  @Column('int')
  total: number;

  /** Where the next attempt goes on; written with what was done. */
  @Column('jsonb', { nullable: true })
  checkpoint: object | null;

  /** What went wrong last, in our own words. */
  @Column('text', { nullable: true })
  error: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true })
  cancelRequestedAt: Date | null;
}
