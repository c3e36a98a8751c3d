import type { PairKey } from '../domain/pair.js';

/** Channel on which a commit of new or corrected figures, or a change in a source's health, is announced. */
export const RATES_CHANGED = 'rates_changed';

export interface RatesChanged {
  readonly provider: string;
  /** The published series that changed; null: more than can be named; empty: none, only the source's health. */
  readonly pairs: readonly PairKey[] | null;
}
