import type { JobState } from './run-states.js';

/** A job that somebody asked for, as it stands. */
export interface RunRecord {
  readonly id: string;
  readonly type: string;
  readonly params: object;
  /** Null: of an account that is gone. */
  readonly ownerId: string | null;
  readonly state: JobState;
  readonly done: number;
  readonly total: number;
  /** What went wrong last, in our own words; null once it went well. */
  readonly error: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** A job that an attempt has taken up. */
export interface ClaimedRun extends RunRecord {
  /** Counts the attempts: whoever took the job up last is its only writer. */
  readonly attempts: number;
  readonly failures: number;
  readonly checkpoint: object | null;
  readonly cancelRequestedAt: Date | null;
}

/** Channel on which a {@link JobProgress} is announced: with each change of state, in between a few times a second. */
export const JOB_PROGRESS = 'job_progress';
/** Channel on which the id of a job is announced that its worker has to let go of. */
export const JOB_CANCELLED = 'job_cancelled';

export type JobProgress = Pick<RunRecord, 'id' | 'state' | 'done' | 'total'>;

export interface RunPage {
  readonly runs: readonly RunRecord[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

/** What {@link RunPage.next} looks like: milliseconds since 1970, and an id. */
export const RUN_CURSOR = /^\d{1,15}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
