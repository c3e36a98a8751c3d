import { addDays, addMonths, isoDateOf, type IsoDate } from '../../platform/time/iso-date.js';
import { publicationAfter } from './target-calendar.js';

/** What is known of a source when the next fetch is planned. */
export interface SourceState {
  readonly earliest: IsoDate;
  /** The whole history comes in one answer anyway. */
  readonly historyInOneAnswer: boolean;
  /** From this day on everything has been fetched once; null: nothing yet. */
  readonly loadedFrom: IsoDate | null;
  readonly attemptedAt: Date | null;
  readonly succeededAt: Date | null;
  /** Attempts that failed since the last success. */
  readonly failures: number;
  /** Date of the newest stored observation by the TARGET calendar; null where the source has none such. */
  readonly newest: IsoDate | null;
}

export interface FetchWindow {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** The longest chart, with room for a silent stretch before its first day. */
const RECENT_MONTHS = 24;
const MARGIN_DAYS = 14;
/** Corrections of the last weeks come with every refresh. */
const REFRESH_DAYS = 21;
const HISTORY_YEARS = 5;
const MINUTE_MS = 60_000;
/** While a publication is due, a source is asked no more often than this. */
const POLL_MS = 4 * MINUTE_MS;
/** At the latest after this time it is asked anyway: blends move at any hour. */
const REFRESH_MS = 6 * 60 * MINUTE_MS;

/**
 * The days to fetch next: first the two years of the charts, so that the first chart is there at once; then what is
 * newly published; then history, in stretches that need not be fetched again when the process dies. Undefined when
 * there is nothing to do now.
 */
export function nextFetch(source: SourceState, now: Date): FetchWindow | undefined {
  const today = isoDateOf(now);
  if (source.loadedFrom === null) {
    return { from: later(source.earliest, addDays(addMonths(today, -RECENT_MONTHS), -MARGIN_DAYS)), to: today };
  }
  if (refreshIsDue(source, now)) {
    // From the newest day on, however long the source has been silent since: nothing of the silence is missed later.
    const since = earlier(isoDateOf(source.succeededAt ?? now), source.newest ?? today);
    return { from: later(source.loadedFrom, addDays(since, -REFRESH_DAYS)), to: today };
  }
  if (source.loadedFrom > source.earliest) {
    const stretch = addMonths(source.loadedFrom, -12 * HISTORY_YEARS);
    return {
      from: source.historyInOneAnswer ? source.earliest : later(source.earliest, stretch),
      to: addDays(source.loadedFrom, -1),
    };
  }
  return undefined;
}

function refreshIsDue({ attemptedAt, succeededAt, failures, newest }: SourceState, now: Date): boolean {
  if (failures > 0) return true;
  const sinceAttempt = now.getTime() - (attemptedAt?.getTime() ?? 0);
  const sinceSuccess = now.getTime() - (succeededAt?.getTime() ?? 0);
  const published = newest !== null && now >= publicationAfter(newest);
  return sinceSuccess >= REFRESH_MS || (published && sinceAttempt >= POLL_MS);
}

function later(a: IsoDate, b: IsoDate): IsoDate {
  return a > b ? a : b;
}

function earlier(a: IsoDate, b: IsoDate): IsoDate {
  return a < b ? a : b;
}
