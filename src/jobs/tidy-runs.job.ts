import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/time/clock.js';
import { Job } from './job.js';
import { JobRunsRepository } from './job-runs.repository.js';
import { isFinished } from './run-states.js';

const KEPT_MS = 90 * 24 * 3_600_000;

/** Ends jobs that the queue has given up, so that none seems to run for ever; forgets those that ended 90 days ago. */
@Injectable()
export class TidyRunsJob extends Job {
  readonly name = 'jobs.tidy';
  override readonly schedule = { cron: '* * * * *', zone: 'UTC' };

  constructor(
    private readonly database: DataSource,
    private readonly runs: JobRunsRepository,
    private readonly clock: Clock,
  ) {
    super();
  }

  async run(): Promise<void> {
    const at = this.clock.now();
    for (const id of await this.runs.abandoned()) {
      await this.database.transaction(async (tx) => {
        const row = await this.runs.lock(tx, id);
        if (row === undefined || isFinished(row.state)) return;
        const state = row.cancelRequestedAt === null ? 'failed' : 'cancelled';
        const error = state === 'failed' ? 'its worker ended again and again, without a word' : null;
        await this.runs.settle(tx, row, { state, failures: row.failures, error, at });
      });
    }
    await this.runs.forgetFinished(new Date(at.getTime() - KEPT_MS));
  }
}
