import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { PgEvents } from '../platform/events/pg-events.js';
import { Clock } from '../platform/time/clock.js';
import { JobRunner } from './job-runner.js';
import { JobRunsRepository } from './job-runs.repository.js';
import { type ClaimedRun, JOB_CANCELLED } from './run-record.js';
import { afterAttempt } from './run-states.js';
import type { TrackedJob } from './tracked-job.js';

/** Between two announcements of progress; changes of state are always announced. */
const ANNOUNCE_MS = 300;

export interface JobRequest<Params extends object> {
  readonly params: Params;
  readonly ownerId: string;
  /** Equal for equal requests of one owner. */
  readonly key: string;
  /** What `done` arrives at. */
  readonly total: number;
}

/** Why an attempt was told to stop. */
class LetGo extends Error {}

/** Starts the jobs that somebody asks for, and leads each attempt at one from being taken up to its end. */
@Injectable()
export class TrackedRuns {
  private readonly logger = new Logger(TrackedRuns.name);
  private readonly running = new Set<{ readonly id: string; readonly leave: AbortController }>();

  constructor(
    private readonly database: DataSource,
    private readonly runs: JobRunsRepository,
    private readonly queue: JobRunner,
    private readonly clock: Clock,
    events: PgEvents,
  ) {
    events.subscribe(
      JOB_CANCELLED,
      (id) => this.letGo([String(id)]),
      () => void this.letGoOfMissed(),
    );
  }

  /**
   * The id of a new job, or of the one that is under way for the same request. Row and message are one transaction, so
   * that neither exists without the other.
   */
  async start<Params extends object>(job: TrackedJob<Params>, request: JobRequest<Params>): Promise<string> {
    const { params, ownerId, key: dedupeKey, total } = request;
    // Before the transaction: within, it would take a second connection.
    await this.queue.open(job);
    for (;;) {
      const id = randomUUID();
      const run = { id, type: job.name, params, ownerId, dedupeKey, total, createdAt: this.clock.now() };
      const added = await this.database.transaction(async (tx) => {
        if (!(await this.runs.add(tx, run))) return false;
        await this.queue.enqueueWithin(tx, job, { runId: id }, id);
        return true;
      });
      if (added) return id;
      const same = await this.runs.underWay(run);
      if (same !== undefined) return same;
      // It has ended since: now there is room.
    }
  }

  /** One attempt. Resolves where nothing is left to do, however it ended; throws where the queue is to try again. */
  async attempt(job: TrackedJob, id: string, stop: AbortSignal): Promise<void> {
    const mine = { id, leave: new AbortController() };
    // Before it is taken up: from then on it may be cancelled.
    this.running.add(mine);
    try {
      const run = await this.database.transaction((tx) => this.runs.claim(tx, id, this.clock.now()));
      if (run === undefined) return;
      if (run.cancelRequestedAt !== null) mine.leave.abort(new LetGo('cancelled'));
      const failure = await this.work(job, run, AbortSignal.any([stop, mine.leave.signal]));
      await this.settle(job, run, failure, stop.aborted);
    } finally {
      this.running.delete(mine);
    }
  }

  /** What went wrong, or undefined. */
  private async work(job: TrackedJob, run: ClaimedRun, signal: AbortSignal): Promise<{ error: unknown } | undefined> {
    let announcedAt = -Infinity;
    const advance = async (tx: EntityManager, done: number, checkpoint: object) => {
      if (!(await this.runs.advance(tx, run, done, checkpoint))) throw new LetGo('cancelled or taken over');
      if (performance.now() - announcedAt < ANNOUNCE_MS) return;
      announcedAt = performance.now();
      await this.runs.announce(tx, { ...run, done });
    };
    try {
      signal.throwIfAborted();
      await job.work(run.params, { checkpoint: run.checkpoint, signal, advance });
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  private async settle(
    job: TrackedJob,
    { id, attempts }: ClaimedRun,
    failure: { error: unknown } | undefined,
    interrupted: boolean,
  ): Promise<void> {
    const next = await this.database.transaction(async (tx) => {
      const row = await this.runs.lock(tx, id);
      // Another worker has it, and its end is that worker's to tell.
      if (row === undefined || row.attempts !== attempts || row.state !== 'running') return undefined;
      const end = { cancelRequested: row.cancelRequestedAt !== null, interrupted, failures: row.failures };
      const after = afterAttempt({ ...end, succeeded: failure === undefined });
      const wentWrong = failure !== undefined && after.failures > row.failures;
      const error = wentWrong ? job.describe(failure.error) : after.state === 'queued' ? row.error : null;
      await this.runs.settle(tx, row, { ...after, error, at: this.clock.now() });
      return after;
    });
    this.logger.log({ job: job.name, id, attempts, state: next?.state ?? 'taken over' }, 'an attempt at a job ended');
    if (next?.state === 'failed') this.logger.error({ job: job.name, id, err: failure?.error }, 'job failed for good');
    if (next?.tryAgain === true) throw failure?.error;
  }

  private letGo(ids: readonly string[]): void {
    for (const { id, leave } of this.running) if (ids.includes(id)) leave.abort(new LetGo('cancelled'));
  }

  /** News may have been missed: looks at the rows instead. */
  private async letGoOfMissed(): Promise<void> {
    if (this.running.size === 0) return;
    try {
      this.letGo(await this.runs.toBeCancelled([...this.running].map(({ id }) => id)));
    } catch (error) {
      // No harm: the next piece of the work will not be taken.
      this.logger.warn({ err: error }, 'could not look which jobs are to be cancelled');
    }
  }
}
