import type { EntityManager } from 'typeorm';
import { Job, type JobRun } from './job.js';
import type { TrackedRuns } from './tracked-runs.js';

/** What the queue carries: everything else stands in the row. */
export interface TrackedData {
  readonly runId: string;
}

/** What one attempt at a job has to go by. */
export interface Attempt<Checkpoint extends object> {
  /** Of the attempt before; null: from the beginning. */
  readonly checkpoint: Checkpoint | null;
  /** Aborted when the job is cancelled, the process stops or the time is over: an attempt ends then with any error. */
  readonly signal: AbortSignal;
  /**
   * Inside the transaction that does a piece of the work: how much of `total` is done with it, and where the next
   * attempt would go on. Throws, and so undoes the piece, where the job is cancelled or another worker has it.
   */
  advance(tx: EntityManager, done: number, checkpoint: Checkpoint): Promise<void>;
}

/**
 * A job that somebody asked for and looks after: with progress, an end to tell of, and a way to cancel it. It goes on
 * where the attempt before it was interrupted; started by {@link TrackedRuns.start}.
 */
export abstract class TrackedJob<
  Params extends object = object,
  Checkpoint extends object = object,
> extends Job<TrackedData> {
  /** For workers that are killed again and again; failures are counted apart. */
  override readonly retries: number = 30;
  override readonly wakesAtStart = true;
  override readonly concurrency: number = 2;

  constructor(private readonly runs: TrackedRuns) {
    super();
  }

  /** Does the work, piece by piece. Attempts may overlap for a moment: only pieces with their `advance` count. */
  abstract work(params: Params, attempt: Attempt<Checkpoint>): Promise<void>;

  /** What went wrong, for the owner to read: our own words, nothing foreign. */
  abstract describe(error: unknown): string;

  run({ runId }: TrackedData, run: JobRun): Promise<void> {
    return this.runs.attempt(this, runId, run.signal);
  }
}
