import type { IsoDate } from '../../platform/time/iso-date.js';
import type { PairKey } from '../domain/pair.js';

/** Channel on which a commit of new or corrected figures is announced. */
export const RATES_CHANGED = 'rates_changed';

export interface RatesChanged {
  readonly provider: string;
  /** The published series that changed; null: more than can be named. */
  readonly pairs: readonly PairKey[] | null;
}

/**
 * Channel on which a {@link SourceStanding} is announced. PostgreSQL delivers in the order of the commits, so whoever
 * hears that days have been loaded has heard of all their figures before.
 */
export const RATE_SOURCE_CHANGED = 'rate_source_changed';

/** What a source can answer for. */
export interface SourceStanding {
  readonly provider: string;
  /** Attempts that failed since the last success. */
  readonly failures: number;
  /** From this day on everything has been fetched; null: nothing yet. */
  readonly loadedFrom: IsoDate | null;
}
