import { addDays, instantAt, isoDateOf, type IsoDate } from '../../platform/time/iso-date.js';
import type { PublicationKind } from './staleness.js';
import { nextPublication, publicationAfter } from './target-calendar.js';

/** How long an answer may be kept by those who got it. */
export interface AnswerLife {
  /** Seconds from when it is given. */
  readonly atMost: number;
  /** And no later than this, in milliseconds since 1970. */
  readonly until: number;
  /** It will never be another. */
  readonly immutable?: boolean;
}

/** What was known at an instant that is over does not change any more. */
export const SETTLED_LIFE: AnswerLife = { atMost: 86_400, until: Infinity, immutable: true };
/** What was known a moment ago may still change by a commit that is under way. */
export const UNSETTLED_LIFE: AnswerLife = { atMost: 0, until: Infinity };

/** Something newer is due, and may be here any moment. */
const WHILE_DUE = 30;
/** There is no timetable: central banks one by one, or somebody's import. */
const WITHOUT_TIMETABLE = 60;
/** What is past changes by corrections alone. */
const OF_THE_PAST = 3_600;
const DAY = 86_400;
const HOUR_MS = 3_600_000;

export interface Given {
  readonly kind: PublicationKind;
  /** Date of the newest observation used. */
  readonly newest: IsoDate;
  /** The day that the answer is for. */
  readonly asOf: IsoDate;
  readonly stale: boolean;
  readonly now: Date;
}

/** Until the next publication, or the end of the day in UTC, which is the day of most answers. Changes on the hour alone. */
export function answerLife({ kind, newest, asOf, stale, now }: Given): AnswerLife {
  const today = isoDateOf(now);
  const midnight = instantAt(addDays(today, 1), '00:00', 'UTC').getTime();
  const before = (publication: Date) => Math.min(midnight, publication.getTime());
  if (kind !== 'target') return { atMost: WITHOUT_TIMETABLE, until: before(nextPublication(now)) };
  if (stale) return { atMost: WHILE_DUE, until: midnight };
  if (asOf < today) return { atMost: OF_THE_PAST, until: before(nextPublication(now)) };
  const next = publicationAfter(newest);
  return next <= now ? { atMost: WHILE_DUE, until: midnight } : { atMost: DAY, until: before(next) };
}

/** As `Cache-Control` has it. */
export function lifeText(life: AnswerLife, now: Date): string {
  if (life.atMost === 0) return 'no-cache';
  return `max-age=${maxAge(life, now)}${life.immutable === true ? ', immutable' : ''}`;
}

/** Of answers for which nobody knows better: all that time alone changes changes on the hour. */
export function lifeWithin(now: Date): AnswerLife {
  return { atMost: WITHOUT_TIMETABLE, until: (Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS };
}

/** The `max-age` of an answer with this life that is given now. */
export function maxAge({ atMost, until }: AnswerLife, now: Date): number {
  return Math.max(0, Math.min(atMost, Math.floor((until - now.getTime()) / 1_000)));
}
