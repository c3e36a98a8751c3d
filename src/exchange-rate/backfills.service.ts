import { Injectable } from '@nestjs/common';
import { currencyCode } from '../../libs/money/currency.js';
import { TrackedRuns } from '../jobs/tracked-runs.js';
import { Invalid } from '../platform/errors/errors.js';
import { Clock } from '../platform/time/clock.js';
import { isoDate } from '../platform/time/iso-date.js';
import { type Backfill, daysOf } from './backfill-plan.js';
import { BackfillRatesJob } from './backfill-rates.job.js';
import { RateProviders } from './providers/providers.js';

const USD = currencyCode('USD');

/** As asked for: real dates and known codes, in any case. */
export interface WantedBackfill {
  readonly provider: string;
  readonly from: string;
  readonly to?: string | undefined;
  readonly quotes?: readonly string[] | undefined;
}

/** Takes in requests to fetch history. */
@Injectable()
export class BackfillsService {
  constructor(
    private readonly providers: RateProviders,
    private readonly runs: TrackedRuns,
    private readonly job: BackfillRatesJob,
    private readonly clock: Clock,
  ) {}

  /** The id of the job: of the one under way where it is the same request of the same person. Throws Invalid. */
  start(wanted: WantedBackfill, ownerId: string): Promise<string> {
    const params = this.backfillOf(wanted);
    const { provider, from, to, quotes } = params;
    const key = [provider, from, to, quotes?.join(',') ?? 'all'].join(' ');
    return this.runs.start(this.job, { params, ownerId, key, total: daysOf(params) });
  }

  private backfillOf(wanted: WantedBackfill): Backfill {
    const provider = this.providers.named(wanted.provider);
    if (provider === undefined) {
      const names = this.providers.inOrder.map(({ facts }) => facts.name);
      throw Invalid.field('provider', `must be one of ${names.join(', ')}`);
    }
    const { name, earliest } = provider.facts;
    const today = this.clock.today();
    const from = isoDate(wanted.from);
    const to = wanted.to === undefined ? today : isoDate(wanted.to);
    if (from < earliest) throw Invalid.field('from', `must not be before ${earliest}: ${name} has nothing earlier`);
    if (to > today) throw Invalid.field('to', 'must not be in the future');
    if (from > to) throw Invalid.field('from', 'must not be after to');
    // A rate against the dollar is made of two euro legs: without the dollar's, nobody could see the others.
    const quotes = wanted.quotes && [...new Set([USD, ...wanted.quotes.map(currencyCode)])].sort();
    return { provider: name, from, to, quotes: quotes ?? null };
  }
}
