import { Injectable } from '@nestjs/common';
import { TrackedJob, type Attempt } from '../jobs/tracked-job.js';
import { TrackedRuns } from '../jobs/tracked-runs.js';
import { Clock } from '../platform/time/clock.js';
import { type Backfill, type BackfillCheckpoint, daysOf, piecesOf, stretchesLeft } from './backfill-plan.js';
import { ProviderError } from './providers/provider-error.js';
import { RateProviders } from './providers/providers.js';
import { CHUNK, RateIntake } from './rate-intake.service.js';
import { describeFailure } from './rate-refresh.service.js';
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
    private readonly intake: RateIntake,
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
      const { plausible, settle } = await this.intake.judged(provider.facts, provider.observations(request), signal);
      for (const piece of piecesOf(stretch, plausible, checkpoint, this.pieceRows)) {
        signal.throwIfAborted();
        const done = daysOf({ from: piece.checkpoint.storedFrom, to });
        await this.rates.store(name, piece.rows, this.clock.now(), (tx) => attempt.advance(tx, done, piece.checkpoint));
      }
      await settle();
    }
  }

  describe(error: unknown): string {
    return describeFailure(error);
  }
}
