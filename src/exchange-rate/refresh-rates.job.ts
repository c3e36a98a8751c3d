import { Injectable } from '@nestjs/common';
import { Job, type JobRun } from '../jobs/job.js';
import { RateRefreshService } from './rate-refresh.service.js';

/** Asks the sources whatever is due: first load, publications, history. Runs at start and every five minutes. */
@Injectable()
export class RefreshRatesJob extends Job {
  readonly name = 'rates.refresh';
  override readonly schedule = { cron: '*/5 * * * *', zone: 'UTC' };
  override readonly atStart = true;
  /** The whole history of some 200 currencies takes minutes. */
  override readonly expireInSeconds = 3_600;

  constructor(private readonly refresh: RateRefreshService) {
    super();
  }

  async run(_data: object, { signal }: JobRun): Promise<void> {
    await this.refresh.catchUp(signal);
  }
}
