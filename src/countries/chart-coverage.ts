import type { CurrencyCode } from '../../libs/money/currency.js';

/** `discontinued` only as a recorded fact: the currency was closed, not merely silent. */
export type SeriesState = 'available' | 'discontinued';

/**
 * Which currencies have a series against the dollar. This folder asks, whoever holds the rates answers, and the
 * application binds the two; so the facts about countries depend on no other feature.
 */
export abstract class ChartCoverage {
  /**
   * The state of every currency that has or had a series, from memory: one call answers for all. A currency that is
   * not in the map has none. Empty, not an error, while nothing is loaded: the chooser of countries works without rates.
   * The same map while nothing has changed, where that is known: then lists are not made anew.
   */
  abstract states(): Promise<ReadonlyMap<CurrencyCode, SeriesState>>;
}
