import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { PgEvents } from '../platform/events/pg-events.js';
import { JobRunEntity } from './job-run.entity.js';
import {
  type ClaimedRun,
  JOB_CANCELLED,
  JOB_PROGRESS,
  type JobProgress,
  type RunPage,
  type RunRecord,
} from './run-record.js';
import { isFinished, type JobState } from './run-states.js';

export interface NewRun {
  readonly id: string;
  readonly type: string;
  readonly params: object;
  readonly ownerId: string;
  readonly dedupeKey: string;
  readonly total: number;
  readonly createdAt: Date;
}

export interface SettledRun {
  readonly state: JobState;
  readonly failures: number;
  readonly error: string | null;
  readonly at: Date;
}

/** Jobs that somebody asked for, and how far they are. Every change of state is announced with its commit. */
@Injectable()
export class JobRunsRepository {
  constructor(@InjectRepository(JobRunEntity) private readonly rows: Repository<JobRunEntity>) {}

  /** False where the same is under way already; of many at once one is added. */
  async add(tx: EntityManager, run: NewRun): Promise<boolean> {
    const { id, type, params, ownerId, dedupeKey, total, createdAt } = run;
    const added: JobProgress[] = await tx.query(
      `INSERT INTO job_runs (id, type, params, owner_id, dedupe_key, state, attempts, failures, done, total, created_at)
       VALUES ($1, $2, $3, $4, $5, 'queued', 0, 0, 0, $6, $7)
       ON CONFLICT (type, owner_id, dedupe_key)
         WHERE state IN ('queued', 'running') AND cancel_requested_at IS NULL DO NOTHING
       RETURNING id, state, done, total`,
      [id, type, JSON.stringify(params), ownerId, dedupeKey, total, createdAt],
    );
    for (const progress of added) await PgEvents.publish(tx, JOB_PROGRESS, progress);
    return added.length > 0;
  }

  /** The id of the one that keeps another of this key from being added; undefined once it has ended. */
  async underWay({
    type,
    ownerId,
    dedupeKey,
  }: Pick<NewRun, 'type' | 'ownerId' | 'dedupeKey'>): Promise<string | undefined> {
    const found: { id: string }[] = await this.rows.query(
      `SELECT id FROM job_runs
        WHERE type = $1 AND owner_id = $2 AND dedupe_key = $3
          AND state IN ('queued', 'running') AND cancel_requested_at IS NULL`,
      [type, ownerId, dedupeKey],
    );
    return found[0]?.id;
  }

  async byId(id: string): Promise<RunRecord | undefined> {
    return (await this.rows.findOneBy({ id })) ?? undefined;
  }

  /** Locks the row until the transaction ends. */
  async lock(tx: EntityManager, id: string): Promise<ClaimedRun | undefined> {
    const row = await tx.getRepository(JobRunEntity).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    return row ?? undefined;
  }

  /** The newest first. The place in the order goes from page to page, so that none is missed or repeated. */
  async newest({ after, limit }: { readonly after?: string | undefined; readonly limit: number }): Promise<RunPage> {
    const page = this.rows.createQueryBuilder('r').orderBy('r.createdAt', 'DESC').addOrderBy('r.id', 'DESC');
    if (after !== undefined) {
      const [millis, id] = after.split('.');
      page.where('(r.created_at, r.id) < (:at, CAST(:id AS uuid))', { at: new Date(Number(millis)), id });
    }
    const found = await page.limit(limit + 1).getMany();
    const last = found[limit - 1];
    const isLast = found.length <= limit || last === undefined;
    return { runs: found.slice(0, limit), next: isLast ? null : `${last.createdAt.getTime()}.${last.id}` };
  }

  async ownedBy(ownerId: string): Promise<RunRecord[]> {
    return this.rows.find({ where: { ownerId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Takes a job up, whoever else believes to have it; undefined where it has ended, or is none. */
  async claim(tx: EntityManager, id: string, at: Date): Promise<ClaimedRun | undefined> {
    const row = await this.lock(tx, id);
    if (row === undefined || isFinished(row.state)) return undefined;
    const claimed: ClaimedRun = {
      ...row,
      state: 'running',
      attempts: row.attempts + 1,
      startedAt: row.startedAt ?? at,
    };
    await tx
      .getRepository(JobRunEntity)
      .update({ id }, { state: 'running', attempts: claimed.attempts, startedAt: claimed.startedAt });
    await this.announce(tx, claimed);
    return claimed;
  }

  /** How far an attempt is; false where it must stop: cancelled, taken over by another, or gone. */
  async advance(
    tx: EntityManager,
    { id, attempts }: Pick<ClaimedRun, 'id' | 'attempts'>,
    done: number,
    checkpoint: object,
  ): Promise<boolean> {
    const [, count] = await tx.query<[unknown[], number]>(
      `UPDATE job_runs SET done = GREATEST(done, $3), checkpoint = $4
        WHERE id = $1 AND attempts = $2 AND state = 'running' AND cancel_requested_at IS NULL`,
      [id, attempts, done, JSON.stringify(checkpoint)],
    );
    return count > 0;
  }

  /** Of a row that this transaction has locked. */
  async settle(tx: EntityManager, row: ClaimedRun, { state, failures, error, at }: SettledRun): Promise<void> {
    const done = state === 'succeeded' ? row.total : row.done;
    const finishedAt = isFinished(state) ? at : null;
    await tx.getRepository(JobRunEntity).update({ id: row.id }, { state, failures, error, done, finishedAt });
    await this.announce(tx, { ...row, state, done });
  }

  /** Of a row that this transaction has locked: its worker is told. */
  async requestCancel(tx: EntityManager, { id, cancelRequestedAt }: ClaimedRun, at: Date): Promise<void> {
    if (cancelRequestedAt === null) await tx.getRepository(JobRunEntity).update({ id }, { cancelRequestedAt: at });
    await PgEvents.publish(tx, JOB_CANCELLED, id);
  }

  /** Which of these somebody wants to be let go of. */
  async toBeCancelled(ids: readonly string[]): Promise<string[]> {
    const found: { id: string }[] = await this.rows.query(
      `SELECT id FROM job_runs WHERE id = ANY ($1) AND cancel_requested_at IS NOT NULL`,
      [ids],
    );
    return found.map(({ id }) => id);
  }

  async announce(tx: EntityManager, { id, state, done, total }: JobProgress): Promise<void> {
    const progress: JobProgress = { id, state, done, total };
    await PgEvents.publish(tx, JOB_PROGRESS, progress);
  }

  /** Jobs under way that the queue will not take up any more: their workers ended again and again. */
  async abandoned(): Promise<string[]> {
    const found: { id: string }[] = await this.rows.query(
      `SELECT r.id FROM job_runs r
        WHERE r.state IN ('queued', 'running')
          AND NOT EXISTS (SELECT FROM pgboss.job j WHERE j.name = r.type AND j.id = r.id AND j.state < 'completed')`,
    );
    return found.map(({ id }) => id);
  }

  async forgetFinished(before: Date): Promise<void> {
    await this.rows.query(`DELETE FROM job_runs WHERE finished_at < $1`, [before]);
  }
}
