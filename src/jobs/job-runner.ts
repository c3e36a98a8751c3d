import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { type Job as QueuedJob, PgBoss } from 'pg-boss';
import type { EntityManager } from 'typeorm';
import { Config } from '../platform/config/config.js';
import { DatabaseSettings } from '../platform/database/database.js';
import { type Job } from './job.js';

/** A worker that says nothing for this long is dead; its job goes to another. Seconds; pg-boss takes no fewer. */
const HEARTBEAT_SECONDS = 10;
const SUPERVISE_SECONDS = 5;
/** A new job is announced; this finds the ones that only came due, such as a retry after its delay. Seconds. */
const POLLING_SECONDS = 1;
const STOP_TIMEOUT_MS = 15_000;
/** The key of runs that nobody asked for in particular. */
const UNKEYED = 'due';

/** Queues, schedules and runs the listed jobs on pg-boss: durable, at least once, one run per slot in the cluster. */
@Injectable()
export class JobRunner implements BeforeApplicationShutdown {
  private readonly logger = new Logger(JobRunner.name);
  private readonly jobs = new Map<string, Job>();
  private readonly opened = new Set<string>();
  private readonly boss: PgBoss;
  private readonly stopping = new AbortController();
  private started: Promise<unknown> | undefined;

  constructor(config: Config, database: DatabaseSettings) {
    const works = config.role === 'all' || config.role === 'worker';
    this.boss = new PgBoss({
      connectionString: database.directUrl,
      application_name: 'hackonomics-jobs',
      max: 4,
      migrate: false,
      supervise: works,
      schedule: works,
      useListenNotify: works,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.boss.on('error', (error) => this.logger.error({ err: error }, 'the job queue reports an error'));
  }

  /** The owning module lists its jobs once, while it is set up. */
  register(...jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (this.jobs.has(job.name)) throw new Error(`two jobs are named ${job.name}`);
      this.jobs.set(job.name, job);
    }
  }

  /** In the order of their registration. */
  get registered(): readonly Job[] {
    return [...this.jobs.values()];
  }

  /** Takes up work: to be called once everything else is up, by a process that has the worker's role. */
  async work(): Promise<void> {
    await this.start();
    for (const job of this.jobs.values()) await this.workOn(job);
  }

  /**
   * Puts a job into its queue. While a job with the same key waits or runs, nothing is added: the same work is not done
   * twice side by side. Answers the id, or undefined where the work is already under way.
   */
  async enqueue<Data extends object>(job: Job<Data>, data: Data, key: string): Promise<string | undefined> {
    await this.open(job);
    return (await this.boss.send(job.name, data, { singletonKey: key })) ?? undefined;
  }

  /** Makes the queue of a job ready, once per process: before the transaction that {@link enqueueWithin} is part of. */
  async open(job: Pick<Job, 'name' | 'retries' | 'expireInSeconds'>): Promise<void> {
    await this.start();
    if (this.opened.has(job.name)) return;
    await this.openQueue(job);
    this.opened.add(job.name);
  }

  /** Puts a job into its queue with the commit of `tx`, under an id of the caller's. Its queue must be open. */
  async enqueueWithin<Data extends object>(tx: EntityManager, job: Job<Data>, data: Data, id: string): Promise<void> {
    const db = {
      executeSql: async (sql: string, values?: unknown[]) => ({ rows: await tx.query<unknown[]>(sql, values) }),
    };
    const added = await this.boss.send(job.name, data, { id, singletonKey: id, db });
    if (added === null) throw new Error(`the queue ${job.name} did not take the job ${id}`);
  }

  /** Before anything that a job needs is closed: tells the running ones to stop and waits until they have. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort(new Error('the process stops'));
    if (this.started === undefined) return;
    await this.boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS, close: true });
  }

  private async start(): Promise<void> {
    this.started ??= this.boss.start();
    try {
      await this.started;
    } catch (error) {
      this.started = undefined; // so that a database that comes back is found
      throw error;
    }
  }

  private async workOn<Data extends object>(job: Job<Data>): Promise<void> {
    await this.openQueue(job);
    await this.boss.work<Data>(
      job.name,
      {
        batchSize: 1,
        localConcurrency: job.concurrency,
        pollingIntervalSeconds: POLLING_SECONDS,
        notifyPollingIntervalSeconds: POLLING_SECONDS,
        heartbeatRefreshSeconds: HEARTBEAT_SECONDS / 4,
      },
      async ([queued]) => {
        if (queued !== undefined) await this.run(job, queued);
      },
    );
    if (job.schedule !== undefined) {
      await this.boss.schedule(job.name, job.schedule.cron, {}, { tz: job.schedule.zone, singletonKey: UNKEYED });
    }
    if (job.atStart) await this.runNow(job);
    if (job.wakesAtStart) await this.wake(job);
  }

  /** Creates the queue, or brings one that an earlier version created up to date. */
  private async openQueue(job: Pick<Job, 'name' | 'retries' | 'expireInSeconds'>): Promise<void> {
    const options = {
      notify: true,
      retryLimit: job.retries,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 600,
      expireInSeconds: job.expireInSeconds,
      heartbeatSeconds: HEARTBEAT_SECONDS,
    };
    await this.boss.createQueue(job.name, { policy: 'exclusive', ...options });
    await this.boss.updateQueue(job.name, options);
  }

  /** One that waits for its next try, after a stop in its midst or a failure, waits no longer. */
  private async runNow({ name }: Pick<Job, 'name'>): Promise<void> {
    const added = await this.boss.send(name, {}, { singletonKey: UNKEYED });
    if (added === null) await this.boss.update(name, undefined, { singletonKey: UNKEYED, startAfter: new Date(0) });
  }

  private async wake({ name }: Pick<Job, 'name'>): Promise<void> {
    for (const { id } of await this.boss.findJobs(name, { queued: true })) {
      await this.boss.update(name, undefined, { id, startAfter: new Date(0) });
    }
  }

  private async run<Data extends object>(job: Job<Data>, queued: QueuedJob<Data>): Promise<void> {
    this.logger.debug({ job: job.name, id: queued.id }, 'job started');
    try {
      const signal = AbortSignal.any([queued.signal, this.stopping.signal]);
      await job.run(queued.data, { id: queued.id, signal });
    } catch (error) {
      if (this.stopping.signal.aborted) {
        this.logger.log({ job: job.name, id: queued.id }, 'job interrupted; it goes on with the next start');
      } else {
        this.logger.warn({ job: job.name, id: queued.id, err: error }, 'job failed; it will be tried again');
      }
      throw error;
    }
  }
}

/** Installs or upgrades the queue's own schema; runs under the migration lock. */
export async function migrateJobQueue(directUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: directUrl, max: 1, supervise: false, schedule: false });
  boss.on('error', () => undefined); // start() rejects with the same error
  await boss.start();
  await boss.stop({ graceful: false, close: true });
}
