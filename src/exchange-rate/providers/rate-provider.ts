import type { CurrencyCode } from '../../../libs/money/currency.js';
import type { IsoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';

/** What is known of a provider beforehand: data, not behaviour. */
export interface ProviderFacts {
  /** As in `RATE_PROVIDERS` and `X-Rates-Provider`. */
  readonly name: string;
  /** Before this day it has nothing. */
  readonly earliest: IsoDate;
  /** For people: the page and the banner name the source by it. */
  readonly title: string;
}

export interface ObservationRequest {
  /** First and last day wanted, both included. */
  readonly from: IsoDate;
  readonly to: IsoDate;
  /** Quotes wanted; all when absent. */
  readonly quotes?: readonly CurrencyCode[];
  readonly signal?: AbortSignal;
}

/**
 * A source of reference rates. Implementations fetch and parse, nothing else: what is plausible, newer or corrected is
 * decided by the refresh service. Rows may come in any order and may repeat; rows outside the request are dropped by
 * the implementation. A source that answers badly throws, so that nothing is stored of a half answer.
 */
export abstract class RateProvider {
  abstract readonly facts: ProviderFacts;
  abstract observations(request: ObservationRequest): AsyncIterable<Observation>;
}
