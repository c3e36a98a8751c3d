import { Injectable, Logger } from '@nestjs/common';
import { UpstreamError } from '../../libs/upstream/upstream-error.js';
import { Clock } from '../platform/time/clock.js';
import { daysBetween } from '../platform/time/iso-date.js';
import { type FetchWindow, nextFetch, type SourceState } from './domain/refresh-plan.js';
import { ProviderError } from './providers/provider-error.js';
import type { ProviderFacts, RateProvider } from './providers/rate-provider.js';
import { RateIntake } from './rate-intake.service.js';
import { RateSourcesRepository } from './storage/rate-sources.repository.js';
import { RatesRepository } from './storage/rates.repository.js';

/** No source is silent for so long: an answer without a single rate of so many days is none. */
const NEVER_SILENT_DAYS = 14;

const LONGEST_RETRY_AFTER_MS = 6 * 3_600_000;

/** Brings the stored rates up to date: decides what to fetch, keeps what may be kept, records how it went. */
@Injectable()
export class RateRefreshService {
  private readonly logger = new Logger(RateRefreshService.name);

  constructor(
    private readonly intake: RateIntake,
    private readonly rates: RatesRepository,
    private readonly sources: RateSourcesRepository,
    private readonly clock: Clock,
  ) {}

  /** Fetches from the provider whatever is due. Throws where it fails; what was fetched before stays. */
  async catchUp(provider: RateProvider, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const window = nextFetch(await this.stateOf(provider.facts), this.clock.now());
      if (window === undefined) return;
      await this.fetch(provider, window, signal);
    }
  }

  /** What the plan goes by. */
  async stateOf(facts: ProviderFacts): Promise<SourceState> {
    const health = await this.sources.of(facts.name);
    return {
      earliest: facts.earliest,
      historyInOneAnswer: facts.historyInOneAnswer,
      loadedFrom: health?.loadedFrom ?? null,
      attemptedAt: health?.attemptedAt ?? null,
      succeededAt: health?.succeededAt ?? null,
      failures: health?.failures ?? 0,
      retryAt: health?.retryAt ?? null,
      newest: await this.rates.newestDate(facts.name, basesByCalendar(facts)),
      fullPassAt: health?.fullPassAt ?? null,
      fullPassReached: health?.fullPassReached ?? null,
      fullPassTriedAt: health?.fullPassTriedAt ?? null,
    };
  }

  private async fetch(provider: RateProvider, window: FetchWindow, signal: AbortSignal): Promise<void> {
    const { facts } = provider;
    const { kind, from, to } = window;
    try {
      const taken = await this.intake.store(facts, provider.observations({ from, to, signal }), signal);
      if (taken.rows === 0 && this.mustHaveRates(window)) {
        throw new ProviderError(facts.name, 'unavailable', `no rate at all from ${from} to ${to}`);
      }
      await this.succeeded(facts, window);
      this.logger.log({ provider: facts.name, kind, from, to, ...taken }, 'rates fetched');
    } catch (error) {
      // A process that stops has learnt nothing about the source.
      if (!signal.aborted) {
        const now = this.clock.now();
        await this.sources.failed(facts.name, now, {
          error: describeFailure(error),
          retryAt: retryAt(error, now),
          fullPass: kind === 'again',
        });
      }
      throw error;
    }
  }

  private async succeeded({ name, earliest }: ProviderFacts, { kind, from }: FetchWindow): Promise<void> {
    const now = this.clock.now();
    const whole = from <= earliest;
    if (kind === 'again') await this.sources.passedAgain(name, now, whole ? null : from);
    else await this.sources.succeeded(name, now, { from, whole });
  }

  private mustHaveRates({ from, to }: FetchWindow): boolean {
    return to >= this.clock.today() && daysBetween(from, to) >= NEVER_SILENT_DAYS;
  }
}

/** The bases of the series that appear by a timetable: only they tell whether a publication is due. */
function basesByCalendar({ publication }: ProviderFacts): string[] {
  return Object.keys(publication).filter((base) => publication[base] === 'target');
}

/** When the source may be asked again, where it said so (429, 503): honoured for as long as a refresh may wait at all. */
function retryAt(error: unknown, now: Date): Date | null {
  if (!(error instanceof UpstreamError) || error.retryAfter === undefined) return null;
  return new Date(now.getTime() + Math.min(error.retryAfter * 1_000, LONGEST_RETRY_AFTER_MS));
}

/** Errors of sources are written by us and may be shown to operators; of others only that they happened. */
export function describeFailure(error: unknown): string {
  if (error instanceof UpstreamError || error instanceof ProviderError) return error.message;
  return 'the figures could not be stored; see the log';
}
