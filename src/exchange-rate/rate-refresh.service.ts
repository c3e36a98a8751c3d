import { Injectable, Logger } from '@nestjs/common';
import { UpstreamError } from '../../libs/upstream/upstream-error.js';
import { Clock } from '../platform/time/clock.js';
import { daysBetween, isWeekend } from '../platform/time/iso-date.js';
import type { Observation } from './domain/observation.js';
import { type FetchWindow, nextFetch, type SourceState } from './domain/refresh-plan.js';
import { ProviderError } from './providers/provider-error.js';
import type { ProviderFacts, RateProvider } from './providers/rate-provider.js';
import { RateSourcesRepository } from './storage/rate-sources.repository.js';
import { RatesRepository } from './storage/rates.repository.js';

/** Rows of one transaction: 27 years of the ECB (220,000 rows) take 4 s so, and 9 s in chunks of 5,000. */
const CHUNK = 20_000;

/** No source is silent for so long: an answer without a single rate of so many days is none. */
const NEVER_SILENT_DAYS = 14;

/** Brings the stored rates up to date: decides what to fetch, keeps what may be kept, records how it went. */
@Injectable()
export class RateRefreshService {
  private readonly logger = new Logger(RateRefreshService.name);

  constructor(
    private readonly rates: RatesRepository,
    private readonly sources: RateSourcesRepository,
    private readonly clock: Clock,
  ) {}

  /** Fetches from the provider whatever is due. Throws where it fails; what was fetched before stays. */
  async catchUp(provider: RateProvider, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const window = nextFetch(await this.stateOf(provider), this.clock.now());
      if (window === undefined) return;
      await this.fetch(provider, window, signal);
    }
  }

  private async stateOf({ facts }: RateProvider): Promise<SourceState> {
    const health = await this.sources.of(facts.name);
    return {
      earliest: facts.earliest,
      historyInOneAnswer: facts.historyInOneAnswer,
      loadedFrom: health?.loadedFrom ?? null,
      attemptedAt: health?.attemptedAt ?? null,
      succeededAt: health?.succeededAt ?? null,
      failures: health?.failures ?? 0,
      newest: await this.rates.newestDate(facts.name, basesByCalendar(facts)),
    };
  }

  private async fetch(provider: RateProvider, window: FetchWindow, signal: AbortSignal): Promise<void> {
    const { name } = provider.facts;
    try {
      let [rows, changed] = [0, 0];
      for await (const chunk of chunksOf(this.acceptable(provider.observations({ ...window, signal })), CHUNK)) {
        signal.throwIfAborted();
        changed += await this.rates.store(name, chunk, this.clock.now());
        rows += chunk.length;
      }
      if (rows === 0 && this.mustHaveRates(window)) {
        throw new ProviderError(name, 'unavailable', `no rate at all from ${window.from} to ${window.to}`);
      }
      await this.sources.succeeded(name, this.clock.now(), window.from);
      this.logger.log({ provider: name, ...window, rows, changed }, 'rates fetched');
    } catch (error) {
      // A process that stops has learnt nothing about the source.
      if (!signal.aborted) await this.sources.failed(name, this.clock.now(), describeFailure(error));
      throw error;
    }
  }

  private mustHaveRates({ from, to }: FetchWindow): boolean {
    return to >= this.clock.today() && daysBetween(from, to) >= NEVER_SILENT_DAYS;
  }

  /** No weekends and nothing of tomorrow: a blend has both. */
  private async *acceptable(observations: AsyncIterable<Observation>): AsyncGenerator<Observation> {
    const today = this.clock.today();
    for await (const observation of observations) {
      if (observation.date <= today && !isWeekend(observation.date)) yield observation;
    }
  }
}

/** The bases of the series that appear by a timetable: only they tell whether a publication is due. */
function basesByCalendar({ publication }: ProviderFacts): string[] {
  return Object.keys(publication).filter((base) => publication[base] === 'target');
}

async function* chunksOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Errors of sources are written by us and may be shown to operators; of others only that they happened. */
function describeFailure(error: unknown): string {
  if (error instanceof UpstreamError || error instanceof ProviderError) return error.message;
  return 'the figures could not be stored; see the log';
}
