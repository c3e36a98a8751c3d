import { Job, type JobRun } from '../jobs/job.js';
import type { RateProvider } from './providers/rate-provider.js';
import { RateRefreshService } from './rate-refresh.service.js';

/**
 * Asks one source whatever is due: first load, publications, corrections, history. Runs at start and every minute, which
 * costs a query when nothing is due; the plan decides. Each source has a job of its own, so that one that fails is tried
 * again while another is still loading.
 */
export class RefreshRatesJob extends Job {
  readonly name: string;
  override readonly schedule = { cron: '* * * * *', zone: 'UTC' };
  override readonly atStart = true;
  /** The whole history of some 200 currencies takes minutes. */
  override readonly expireInSeconds = 3_600;

  constructor(
    private readonly provider: RateProvider,
    private readonly refresh: RateRefreshService,
  ) {
    super();
    this.name = `rates.refresh.${provider.facts.name}`;
  }

  async run(_data: object, { signal }: JobRun): Promise<void> {
    await this.refresh.catchUp(this.provider, signal);
  }
}
