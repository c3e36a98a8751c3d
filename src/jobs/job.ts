/** What a running job is told. */
export interface JobRun {
  readonly id: string;
  /** Aborted when the process shuts down or the job's time is over: stop at the next safe point. */
  readonly signal: AbortSignal;
}

/**
 * Work that outlives a request and a process. Runs at least once: `run` must leave the same rows when it runs twice.
 * One file per job; the module that owns it lists it for the {@link JobRunner}.
 */
export abstract class Job<Data extends object = object> {
  /** Stable, also the queue's name: `rates.load`. */
  abstract readonly name: string;
  /** A cron line, read in `zone`; one run per slot over any number of replicas. */
  readonly schedule?: { readonly cron: string; readonly zone: string };
  /** Run once whenever a worker starts: what came due while none ran is not waited for. */
  readonly atStart: boolean = false;
  /** Runs that wait for their next try, after a stop or a failure, wait no longer when a worker starts. */
  readonly wakesAtStart: boolean = false;
  /** After this time a run counts as dead and is tried again. Seconds. */
  readonly expireInSeconds: number = 900;
  readonly retries: number = 5;
  /** Runs side by side in one worker. */
  readonly concurrency: number = 1;

  abstract run(data: Data, run: JobRun): Promise<void>;
}
