import { Injectable } from '@nestjs/common';
import { TrackedJob, type Attempt } from '../jobs/tracked-job.js';
import { TrackedRuns } from '../jobs/tracked-runs.js';
import { Clock } from '../platform/time/clock.js';
import { type Backfill, type BackfillCheckpoint, daysOf, piecesOf, stretchesLeft } from './backfill-plan.js';
import type { Observation } from './domain/observation.js';
import { ProviderError } from './providers/provider-error.js';
import { RateProviders } from './providers/providers.js';
import { CHUNK, describeFailure, RateRefreshService } from './rate-refresh.service.js';
import { RatesRepository } from './storage/rates.repository.js';

/** Fetches a stretch of history again, or for the first time; each piece is stored together with how far it is. */
@Injectable()
export class BackfillRatesJob extends TrackedJob<Backfill, BackfillCheckpoint> {
  readonly name = 'rates.backfill';
  /** The whole history of some 200 currencies takes minutes. */
  override readonly expireInSeconds = 3_600;
  /** Rows of one transaction. */
  pieceRows = CHUNK;

  constructor(
    runs: TrackedRuns,
    private readonly providers: RateProviders,
    private readonly refresh: RateRefreshService,
    private readonly rates: RatesRepository,
    private readonly clock: Clock,
  ) {
    super(runs);
  }

  async work(backfill: Backfill, attempt: Attempt<BackfillCheckpoint>): Promise<void> {
    const { checkpoint, signal } = attempt;
    const { provider: name, to, quotes } = backfill;
    const provider = this.providers.named(name);
    if (provider === undefined) throw new ProviderError(name, 'unavailable', 'the source has been switched off since');
    for (const stretch of stretchesLeft(backfill, provider.facts.historyInOneAnswer, checkpoint)) {
      const request = { ...stretch, signal, ...(quotes === null ? {} : { quotes }) };
      // An answer is in memory whole anyway before its first row comes.
      const rows: Observation[] = [];
      for await (const row of this.refresh.observations(provider, request)) rows.push(row);
      for (const piece of piecesOf(stretch, rows, checkpoint, this.pieceRows)) {
        signal.throwIfAborted();
        const done = daysOf({ from: piece.checkpoint.storedFrom, to });
        await this.rates.store(name, piece.rows, this.clock.now(), (tx) => attempt.advance(tx, done, piece.checkpoint));
      }
    }
  }

  describe(error: unknown): string {
    return describeFailure(error);
  }
}
