import type { CurrencyCode } from '../../../libs/money/currency.js';
import type { IsoDate } from '../../platform/time/iso-date.js';

/** A reference rate as its source published it: `rate` units of `quote` for one unit of `base` on `date`. */
export interface Observation {
  readonly base: CurrencyCode;
  readonly quote: CurrencyCode;
  readonly date: IsoDate;
  /** Positive decimal text, the digits as published. */
  readonly rate: string;
}
