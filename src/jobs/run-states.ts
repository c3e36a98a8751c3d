export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** With so many failures a job has failed for good; interruptions, by a stop or a kill, do not count. */
export const MAX_FAILURES = 5;

/** How one attempt at a job ended. */
export interface AttemptEnd {
  /** It came through without an error. */
  readonly succeeded: boolean;
  readonly cancelRequested: boolean;
  /** The process stopped, or the time of the attempt was over: nobody's fault. */
  readonly interrupted: boolean;
  /** Before this attempt. */
  readonly failures: number;
}

export interface AfterAttempt {
  readonly state: JobState;
  readonly failures: number;
  /** The queue is to take it up once more. */
  readonly tryAgain: boolean;
}

/** What becomes of a job once an attempt has ended. Who asked to cancel was told that it will be: that goes first. */
export function afterAttempt({ succeeded, cancelRequested, interrupted, failures }: AttemptEnd): AfterAttempt {
  if (cancelRequested) return { state: 'cancelled', failures, tryAgain: false };
  if (succeeded) return { state: 'succeeded', failures, tryAgain: false };
  if (interrupted) return { state: 'queued', failures, tryAgain: true };
  const isLast = failures + 1 >= MAX_FAILURES;
  return { state: isLast ? 'failed' : 'queued', failures: failures + 1, tryAgain: !isLast };
}

/**
 * What a request to cancel does: `at_once` where nobody works on the job, `requested` where a worker has to let go of
 * it first, `nothing` where it is cancelled already, `refused` where it has ended otherwise.
 */
export function cancellationOf(state: JobState): 'at_once' | 'requested' | 'nothing' | 'refused' {
  switch (state) {
    case 'queued':
      return 'at_once';
    case 'running':
      return 'requested';
    case 'cancelled':
      return 'nothing';
    case 'succeeded':
    case 'failed':
      return 'refused';
  }
}

export function isFinished(state: JobState): boolean {
  return state !== 'queued' && state !== 'running';
}
