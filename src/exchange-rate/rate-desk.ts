import { Injectable } from '@nestjs/common';
import type { CurrencyCode } from '../../libs/money/currency.js';
import { Config } from '../platform/config/config.js';
import { Conflict, Gone, NotFound, Unavailable } from '../platform/errors/errors.js';
import { Clock } from '../platform/time/clock.js';
import type { IsoDate } from '../platform/time/iso-date.js';
import { discontinuedOn } from './domain/discontinued.js';
import type { PairKey } from './domain/pair.js';
import { rangeStart } from './domain/ranges.js';
import type { PublicationKind } from './domain/staleness.js';
import { PastBook } from './past-book.js';
import { RateProviders } from './providers/providers.js';
import { type RateProvider } from './providers/rate-provider.js';
import { SampleProvider } from './providers/sample.provider.js';
import { type BookedPair, RateBook } from './rate-book.js';
import { SampleRates } from './sample-rates.js';

/** A request joins the running first load for so long; then it is told to come again. */
@Injectable()
export class JoinLimit {
  milliseconds = 5_000;
}

const RETRY_AFTER_SECONDS = 5;
/** With nothing stored and no answer after this time, samples are better than nothing: outside production only. */
const SAMPLE_AFTER_MS = 15_000;

export interface PairRequest {
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
  /** Nothing later than this day is used. */
  readonly asOf: IsoDate;
  /** All days from here on are to be there; by default those of the longest range. */
  readonly since?: IsoDate | undefined;
  /** As it was stored then; now where it is left out. Not in the future. */
  readonly knownAt?: Date | undefined;
}

/** A pair and who it is from. */
export interface SelectedPair extends BookedPair {
  readonly provider: string;
  /** The provider's name for people. */
  readonly title: string;
  readonly publication: PublicationKind;
}

/** Decides who answers for a pair: the first provider in order that has its series, or nobody, and why. */
@Injectable()
export class RateDesk {
  private readonly startedAt: number;

  constructor(
    private readonly book: RateBook,
    private readonly past: PastBook,
    private readonly providers: RateProviders,
    private readonly samples: SampleRates,
    private readonly sampleProvider: SampleProvider,
    private readonly join: JoinLimit,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now().getTime();
  }

  /** Throws what the caller is told where nobody has the pair. */
  async select(request: PairRequest): Promise<SelectedPair> {
    const { base, quote, asOf } = request;
    if (base === quote) {
      throw new Conflict('currency_is_base', { detail: `${base} against itself has no rate: it is always 1.` });
    }
    const closed = discontinuedOn(quote, asOf) ?? discontinuedOn(base, asOf);
    if (closed !== undefined) {
      throw new Gone('discontinued', {
        detail: `${closed.currency} was replaced by ${closed.successor}; its last rate is of ${closed.lastDate}.`,
      });
    }
    if (request.knownAt !== undefined) return this.known(request, request.knownAt);
    let deadline: AbortSignal | undefined;
    for (;;) {
      // Noted before looking: whatever changes during the look is looked at again.
      const { version } = this.book;
      const loaded = this.isLoadedFor(request);
      const selected = (await this.stored(request)) ?? (await this.sample(request));
      if (selected !== undefined) return selected;
      if (loaded) throw new NotFound('no_data', { detail: `There are no rates of ${quote} for ${base}.` });
      deadline ??= AbortSignal.timeout(this.join.milliseconds);
      if (deadline.aborted) {
        throw new Unavailable('rates_not_ready', {
          detail: 'These rates are being loaded for the first time. Please try again in a few seconds.',
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      }
      await this.book.changeSince(version, deadline);
    }
  }

  /** The series of each provider, in order of preference; the made-up ones while they stand in. */
  coverage(): { provider: string; keys: ReadonlySet<PairKey> }[] {
    const stored = this.providers.inOrder
      .map(({ facts }) => ({ provider: facts.name, keys: new Set(this.book.catalogueOf(facts.name).keys()) }))
      .filter(({ keys }) => keys.size > 0);
    if (stored.length > 0) return stored;
    return this.samplesAreDue() ? [{ provider: this.sampleProvider.facts.name, keys: this.samples.available }] : [];
  }

  private async stored(request: PairRequest): Promise<SelectedPair | undefined> {
    const { base, quote } = request;
    for (const provider of this.providers.inOrder) {
      if (!this.covers(provider, request)) continue;
      const booked = await this.book.pair(provider.facts.name, base, quote);
      if (booked !== undefined && booked.pair.series.length > 0) return selected(provider, booked);
    }
    return undefined;
  }

  /** By the same rule as of then. Nobody waits: what was not there then will not come. */
  private async known(request: PairRequest, at: Date): Promise<SelectedPair> {
    const { base, quote } = request;
    const loadedFrom = await this.past.loadedFrom(at);
    for (const provider of this.providers.inOrder) {
      const { name } = provider.facts;
      if (!this.covers(provider, request, loadedFrom.get(name) ?? null)) continue;
      const booked = await this.past.pair(name, base, quote, at);
      if (booked !== undefined && booked.pair.series.length > 0) return selected(provider, booked);
    }
    throw new NotFound('no_data', { detail: `No rates of ${quote} for ${base} were stored for these days by then.` });
  }

  private async sample({ base, quote }: PairRequest): Promise<SelectedPair | undefined> {
    if (!this.samplesAreDue()) return undefined;
    const booked = await this.samples.pair(base, quote);
    return booked === undefined ? undefined : selected(this.sampleProvider, booked);
  }

  /** Whether all days that are needed have been fetched: a chart is served whole or not at all. */
  private covers(
    { facts }: RateProvider,
    { asOf, since = rangeStart(asOf, '2y') }: PairRequest,
    loadedFrom = this.book.standingOf(facts.name)?.loadedFrom ?? null,
  ): boolean {
    return loadedFrom !== null && (loadedFrom <= since || loadedFrom <= facts.earliest);
  }

  /** Never beside stored data, never in production. */
  private samplesAreDue(): boolean {
    const stored = this.providers.inOrder.some(({ facts }) => this.book.catalogueOf(facts.name).size > 0);
    if (this.config.production || stored) return false;
    if (this.clock.now().getTime() - this.startedAt >= SAMPLE_AFTER_MS) return true;
    return this.providers.inOrder.every((provider) => this.isFailing(provider));
  }

  /** True where waiting would not help: every provider has these days or is failing, or samples stand in. */
  private isLoadedFor(request: PairRequest): boolean {
    if (this.samplesAreDue()) return true;
    const settled = this.providers.inOrder.filter(
      (provider) => this.covers(provider, request) || this.isFailing(provider),
    );
    return (
      settled.length === this.providers.inOrder.length && settled.some((provider) => this.covers(provider, request))
    );
  }

  private isFailing({ facts }: RateProvider): boolean {
    return (this.book.standingOf(facts.name)?.failures ?? 0) > 0;
  }
}

function selected({ facts }: RateProvider, booked: BookedPair): SelectedPair {
  const kinds = booked.legs.map((key) => facts.publication[key.slice(0, 3)] ?? 'never');
  return {
    ...booked,
    provider: facts.name,
    title: facts.title,
    publication: kinds.find((kind) => kind !== 'target') ?? 'target',
  };
}
