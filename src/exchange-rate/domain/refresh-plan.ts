import { addDays, addMonths, isoDateOf, type IsoDate } from '../../platform/time/iso-date.js';
import { nextPublication, publicationAfter } from './target-calendar.js';

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
  /** The source asked not to be called before (`Retry-After`). */
  readonly retryAt: Date | null;
  /** Date of the newest stored observation by the TARGET calendar; null where the source has none such. */
  readonly newest: IsoDate | null;
  /** When everything had last been fetched again. */
  readonly fullPassAt: Date | null;
  /** From this day on the running full pass has fetched everything again; null: none is running. */
  readonly fullPassReached: IsoDate | null;
  /** Last attempt of a stretch of it. */
  readonly fullPassTriedAt: Date | null;
}

/**
 * - `first`: the two years of the charts;
 * - `recent`: what is new, and the last weeks again for their corrections;
 * - `history`: what has never been fetched;
 * - `again`: a stretch of the weekly pass over everything, for corrections of old days.
 */
export type FetchKind = 'first' | 'recent' | 'history' | 'again';

export interface FetchWindow {
  readonly kind: FetchKind;
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** The longest chart, with room for a silent stretch before its first day. */
const RECENT_MONTHS = 24;
const MARGIN_DAYS = 14;
/** Corrections of the last weeks come with every refresh. */
const REFRESH_DAYS = 21;
const HISTORY_YEARS = 5;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Below a minute, so that an attempt which ended two seconds past does not miss the next slot. */
const DENSE_MS = 50 * SECOND_MS;
/** The publisher's hour: from 16:00 to 17:00 in Frankfurt. */
const DENSE_FOR_MS = HOUR_MS;
/** Later than that it is no matter of minutes. */
const CALM_MS = 15 * MINUTE_MS - 10 * SECOND_MS;
/** At the latest after this time it is asked anyway: blends move at any hour. */
const REFRESH_MS = 6 * HOUR_MS;
const LONGEST_BACKOFF_MS = 15 * MINUTE_MS;
/** While nothing at all is stored, readers wait: 5, 10, 20 … 60 seconds. */
const FIRST_BACKOFF_MS = 5 * SECOND_MS;
const LONGEST_FIRST_BACKOFF_MS = MINUTE_MS;
const FULL_PASS_EVERY_MS = 7 * 24 * HOUR_MS;
/** Between two stretches of a full pass: nobody waits for them. */
const STRETCH_EVERY_MS = 30 * MINUTE_MS;
const STRETCH_MONTHS = 12;
/** The full pass leaves a publication alone from an hour before until two hours after. */
const BEFORE_PUBLICATION_MS = HOUR_MS;
const AFTER_PUBLICATION_MS = 2 * HOUR_MS;

/**
 * The days to fetch next: first the two years of the charts, so that the first chart is there at once; then what is
 * newly published; then history, in stretches that need not be fetched again when the process dies; once a week all of
 * it again. Undefined when there is nothing to do now. Requests bear no condition: a correction keeps the old ETag.
 */
export function nextFetch(source: SourceState, now: Date): FetchWindow | undefined {
  const due = plan(source, now).find(({ at }) => at <= now.getTime());
  return due && { kind: due.kind, ...windowOf(due.kind, source, isoDateOf(now)) };
}

/** When {@link nextFetch} has something to do; not after `now` where it has already. */
export function nextDueAt(source: SourceState, now: Date): Date {
  return new Date(Math.min(...plan(source, now).map(({ at }) => at)));
}

interface Planned {
  readonly kind: FetchKind;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** In order of urgency. */
function plan(source: SourceState, now: Date): Planned[] {
  const notBefore = source.retryAt?.getTime() ?? 0;
  const planned = (kind: FetchKind, at: number): Planned => ({ kind, at: Math.max(at, notBefore) });
  if (source.loadedFrom === null) return [planned('first', firstDueAt(source))];
  const recent = planned('recent', recentDueAt(source));
  // A source that fails is asked for one thing at a time.
  if (source.failures > 0) return [recent];
  if (source.loadedFrom > source.earliest) return [recent, planned('history', 0)];
  return [recent, planned('again', stretchDueAt(source, now))];
}

function windowOf(kind: FetchKind, source: SourceState, today: IsoDate): { from: IsoDate; to: IsoDate } {
  const { earliest, historyInOneAnswer, succeededAt, newest } = source;
  const loadedFrom = source.loadedFrom ?? today;
  switch (kind) {
    case 'first':
      return { from: later(earliest, addDays(addMonths(today, -RECENT_MONTHS), -MARGIN_DAYS)), to: today };
    case 'recent': {
      // From the newest day on, however long the source has been silent since: nothing of the silence is missed later.
      const since = earlier(earlier(succeededAt === null ? today : isoDateOf(succeededAt), newest ?? today), today);
      return { from: later(loadedFrom, addDays(since, -REFRESH_DAYS)), to: today };
    }
    case 'history':
      return stretchBefore(loadedFrom, 12 * HISTORY_YEARS);
    case 'again':
      return stretchBefore(source.fullPassReached ?? addDays(today, 1), STRETCH_MONTHS);
  }

  function stretchBefore(day: IsoDate, months: number): { from: IsoDate; to: IsoDate } {
    return { from: historyInOneAnswer ? earliest : later(earliest, addMonths(day, -months)), to: addDays(day, -1) };
  }
}

function firstDueAt({ attemptedAt, failures }: SourceState): number {
  if (attemptedAt === null || failures === 0) return 0;
  return attemptedAt.getTime() + backoff(attemptedAt, failures, FIRST_BACKOFF_MS, LONGEST_FIRST_BACKOFF_MS);
}

function recentDueAt({ attemptedAt, succeededAt, failures, newest }: SourceState): number {
  const attempted = attemptedAt?.getTime() ?? 0;
  const published = newest === null ? Infinity : publicationAfter(newest).getTime();
  // A publication that became due since then is asked for at once, whatever went wrong before it.
  const newlyDue = published > attempted ? published : Infinity;
  if (failures > 0 && attemptedAt !== null) {
    return Math.min(newlyDue, attempted + backoff(attemptedAt, failures, MINUTE_MS, LONGEST_BACKOFF_MS));
  }
  const pause = attempted < published + DENSE_FOR_MS ? DENSE_MS : CALM_MS;
  const polled = published > attempted ? published : attempted + pause;
  return Math.min(polled, (succeededAt?.getTime() ?? 0) + REFRESH_MS);
}

/** Doubles with each failure, less up to a quarter. Chance is the thousandths of the attempt's second, so that many installations scatter. */
function backoff(attemptedAt: Date, failures: number, shortest: number, longest: number): number {
  const full = Math.min(shortest * 2 ** Math.min(failures - 1, 10), longest);
  return full * (1 - attemptedAt.getUTCMilliseconds() / 4_000);
}

/** A pass that runs goes on every half hour; a new one begins a week after the last; neither near a publication. */
function stretchDueAt({ fullPassAt, fullPassReached, fullPassTriedAt }: SourceState, now: Date): number {
  const weekOver = fullPassAt === null ? 0 : fullPassAt.getTime() + FULL_PASS_EVERY_MS;
  const rested = fullPassTriedAt === null ? 0 : fullPassTriedAt.getTime() + STRETCH_EVERY_MS;
  const due = Math.max(fullPassReached === null ? weekOver : 0, rested);
  return clearOfPublications(Math.max(due, now.getTime()));
}

/** The instant, or the end of the publication's hours around it. */
function clearOfPublications(instant: number): number {
  const publication = nextPublication(new Date(instant - AFTER_PUBLICATION_MS)).getTime();
  return instant >= publication - BEFORE_PUBLICATION_MS ? publication + AFTER_PUBLICATION_MS : instant;
}

function later(a: IsoDate, b: IsoDate): IsoDate {
  return a > b ? a : b;
}

function earlier(a: IsoDate, b: IsoDate): IsoDate {
  return a < b ? a : b;
}
