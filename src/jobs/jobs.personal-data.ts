import { Injectable } from '@nestjs/common';
import { PersonalData } from '../users/personal-data.js';
import { JobRunsRepository } from './job-runs.repository.js';

/** Jobs that a person asked for. With the account they become nobody's: what they do is done for all. */
@Injectable()
export class JobsPersonalData extends PersonalData {
  readonly name = 'jobs';

  constructor(private readonly runs: JobRunsRepository) {
    super();
  }

  async *of(userId: string): AsyncGenerator<object> {
    for (const run of await this.runs.ownedBy(userId)) {
      const { id, type, params, state, done, total, error, createdAt, startedAt, finishedAt } = run;
      yield { id, type, params, state, done, total, error, createdAt, startedAt, finishedAt };
    }
  }

  erase(): Promise<() => void> {
    return Promise.resolve(() => undefined);
  }
}
