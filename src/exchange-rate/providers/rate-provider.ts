import type { CurrencyCode } from '../../../libs/money/currency.js';
import type { IsoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import type { PublicationKind } from '../domain/staleness.js';

/** What is known of a provider beforehand: data, not behaviour. */
export interface ProviderFacts {
  /** As in `RATE_PROVIDERS` and `X-Rates-Provider`. */
  readonly name: string;
  /** Before this day it has nothing. */
  readonly earliest: IsoDate;
  /** For people: the page and the banner name the source by it. */
  readonly title: string;
  /** By the base of its series, when newer figures of them must exist. */
  readonly publication: Readonly<Partial<Record<string, PublicationKind>>>;
  /** True where one answer holds the whole history, so that fetching it in parts would only repeat it. */
  readonly historyInOneAnswer: boolean;
}

export interface ObservationRequest {
  /** First and last day wanted, both included. */
  readonly from: IsoDate;
  readonly to: IsoDate;
  /** Quotes wanted; all when absent. Nothing is added: who wants KRW in USD out of euro legs asks for both. */
  readonly quotes?: readonly CurrencyCode[];
  readonly signal?: AbortSignal;
}

/**
 * A source of reference rates. Implementations fetch and parse, nothing else: what is plausible, newer or corrected is
 * decided by the refresh service. Rows may come in any order and may repeat, and weekend rows come where the source has
 * them; rows outside the request and identity rows (USD in USD) are dropped by the implementation.
 *
 * A source that answers badly throws UpstreamError or ProviderError. An answer is read and checked whole before its
 * first row is yielded, so rows that were yielded are good even where a later answer is not. An aborted signal ends it
 * with an error, of whatever kind.
 */
export abstract class RateProvider {
  abstract readonly facts: ProviderFacts;
  abstract observations(request: ObservationRequest): AsyncIterable<Observation>;
}
