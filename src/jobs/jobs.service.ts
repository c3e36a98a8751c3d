import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DataSource } from 'typeorm';
import { Conflict, NotFound } from '../platform/errors/errors.js';
import type { Caller } from '../platform/http/caller.js';
import { Clock } from '../platform/time/clock.js';
import { JobRunsRepository } from './job-runs.repository.js';
import type { RunPage, RunRecord } from './run-record.js';
import { cancellationOf } from './run-states.js';

/** What people and programs see of jobs: their own ones; administrators in a session see all. */
@Injectable()
export class JobsService {
  constructor(
    private readonly database: DataSource,
    private readonly runs: JobRunsRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound for none, and for somebody else's. */
  async show(id: string, caller: Caller): Promise<RunRecord> {
    const run = await this.runs.byId(runId(id));
    return visible(run, caller);
  }

  /**
   * Cancels: at once where nobody works on the job, otherwise as soon as its worker has let go of it, which takes about
   * a second. Once more changes nothing. Throws NotFound as {@link show}, and Conflict for a job that has ended.
   */
  async cancel(id: string, caller: Caller): Promise<void> {
    await this.database.transaction(async (tx) => {
      const run = visible(await this.runs.lock(tx, runId(id)), caller);
      switch (cancellationOf(run.state)) {
        case 'at_once':
          return this.runs.settle(tx, run, { ...run, state: 'cancelled', error: null, at: this.clock.now() });
        case 'requested':
          return this.runs.requestCancel(tx, run, this.clock.now());
        case 'refused':
          throw new Conflict('job_finished', { detail: 'This job has ended: there is nothing left to cancel.' });
        case 'nothing':
      }
    });
  }

  /** Everybody's, the newest first. */
  page(search: { readonly after?: string | undefined; readonly limit: number }): Promise<RunPage> {
    return this.runs.newest(search);
  }
}

function visible<Run extends RunRecord>(run: Run | undefined, { userId, role }: Caller): Run {
  if (run !== undefined && (role === 'admin' || run.ownerId === userId)) return run;
  throw unknown();
}

function runId(text: string): string {
  if (!isUUID(text)) throw unknown();
  return text.toLowerCase();
}

function unknown(): NotFound {
  return new NotFound('job_unknown', { detail: 'You have no job with this id.' });
}
