import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { Config } from '../platform/config/config.js';
import { DatabaseSettings } from '../platform/database/database.js';
import { type Job } from './job.js';

/** A worker that says nothing for this long is dead; its job goes to another. Seconds. */
const HEARTBEAT_SECONDS = 15;
const STOP_TIMEOUT_MS = 15_000;
/** The key of runs that nobody asked for in particular. */
const UNKEYED = 'due';

/** Queues, schedules and runs the listed jobs on pg-boss: durable, at least once, one run per slot in the cluster. */
@Injectable()
export class JobRunner implements OnApplicationShutdown {
  private readonly logger = new Logger(JobRunner.name);
  private readonly jobs = new Map<string, Job>();
  private readonly boss: PgBoss;
  private started: Promise<void> | undefined;

  constructor(
    config: Config,
    database: DatabaseSettings,
  ) {
    const works = config.role === 'all' || config.role === 'worker';
    this.boss = new PgBoss({
      connectionString: database.directUrl,
      application_name: 'hackonomics-jobs',
      max: 4,
      migrate: false,
      supervise: works,
      schedule: works,
      useListenNotify: works,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
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

  get names(): readonly string[] {
    return [...this.jobs.keys()];
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
    await this.start();
    return (await this.boss.send(job.name, data, { singletonKey: key })) ?? undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.started === undefined) return;
    await this.boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS, close: true });
  }

  private start(): Promise<void> {
    this.started ??= this.boss.start().then(() => undefined);
    return this.started;
  }

  private async workOn(job: Job): Promise<void> {
    const options = {
      policy: 'exclusive',
      notify: true,
      retryLimit: job.retries,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 600,
      expireInSeconds: job.expireInSeconds,
      heartbeatSeconds: HEARTBEAT_SECONDS,
    };
    await this.boss.createQueue(job.name, options);
    await this.boss.work<object>(
      job.name,
      { batchSize: 1, localConcurrency: job.concurrency, pollingIntervalSeconds: 1, heartbeatRefreshSeconds: HEARTBEAT_SECONDS / 3 },
      async ([queued]) => {
        if (queued === undefined) return;
        this.logger.debug({ job: job.name, id: queued.id }, 'job started');
        try {
          await job.run(queued.data, { id: queued.id, signal: queued.signal });
        } catch (error) {
          this.logger.warn({ job: job.name, id: queued.id, err: error }, 'job failed; it will be tried again');
          throw error;
        }
      },
    );
    if (job.schedule !== undefined) {
      await this.boss.schedule(job.name, job.schedule.cron, {}, { tz: job.schedule.zone, singletonKey: UNKEYED });
    }
    if (job.atStart) await this.boss.send(job.name, {}, { singletonKey: UNKEYED });
  }
}

/** Installs or upgrades the queue's own schema; runs under the migration lock. */
export async function migrateJobQueue(directUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: directUrl, max: 1, supervise: false, schedule: false });
  boss.on('error', () => undefined); // start() rejects with the same error
  await boss.start();
  await boss.stop({ graceful: false, close: true });
}
