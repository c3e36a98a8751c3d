import { Fraction } from '../../../libs/money/fraction.js';
import { parsePositiveDecimal } from '../../../libs/money/decimal.js';
import { addDays, daysBetween, type IsoDate } from '../../platform/time/iso-date.js';
import type { Observation } from './observation.js';

/**
 * Why a published figure is not believed:
 * - `not_a_rate`: not a positive decimal of at most 15 digits;
 * - `future`, `too_early`: of a day that is still to come, or before the source begins;
 * - `unknown_currency`: a code that no currency has or had;
 * - `duplicate`: one answer has two figures for one day;
 * - `jump`: too far from the newest earlier figure of its series;
 * - `correction`: too far from what is stored for that very day.
 */
export type SuspicionReason =
  'not_a_rate' | 'future' | 'too_early' | 'unknown_currency' | 'duplicate' | 'jump' | 'correction';

export interface Suspect {
  readonly observation: Observation;
  readonly reason: SuspicionReason;
}

export interface Figure {
  readonly date: IsoDate;
  readonly rate: string;
}

/** A figure of another source for the same pair. One that is itself in doubt counts for its own day alone. */
export interface SecondOpinion extends Figure {
  readonly inDoubt: boolean;
}

/** What the figures of one series are held against. */
export interface SeriesEvidence {
  readonly today: IsoDate;
  /** Before this day the source has nothing. */
  readonly earliest: IsoDate;
  readonly knownCurrencies: boolean;
  /** In force, ascending: those of the days in question and the newest before them. */
  readonly stored: readonly Figure[];
  /** The newest day before those in question whose figure is in doubt: the series was not silent then. */
  readonly doubtedBefore: IsoDate | undefined;
  readonly second: readonly SecondOpinion[];
}

export interface Verdict {
  /** Ascending by date, one for a day. */
  readonly plausible: readonly Observation[];
  readonly suspects: readonly Suspect[];
}

/** A ratio, so that a fall is as far as the rise which undoes it: 1.4 up, or 1/1.4 (28.6 %) down. */
const FARTHEST = Fraction.of(['1.4']);
const ONE = Fraction.of(['1']);
const NEARBY = Fraction.of(['1.1']);
/** After a longer silence there is nothing to compare with: ISK came back after nine years. */
const SILENCE_DAYS = 14;
/** A second source speaks for days so near. */
const SECOND_DAYS = 3;
/** A new level that holds on so many later days was no slip. */
const HOLDS_DAYS = 5;

/** Tells the plausible figures of one series from the doubtful ones. Rows in any order. */
export function judgeSeries(rows: readonly Observation[], evidence: SeriesEvidence): Verdict {
  const suspects: Suspect[] = [];
  const doubt = (observation: Observation, reason: SuspicionReason) => suspects.push({ observation, reason });
  const plausible: Observation[] = [];
  const days = daysOf(rows, evidence, doubt);
  const stored = new Map(evidence.stored.map(({ date, rate }) => [date, rate]));
  let storedBefore = 0;
  let neighbour: Figure | undefined;
  let heardOn = evidence.doubtedBefore;
  for (const [index, row] of days.entries()) {
    for (let figure; (figure = evidence.stored[storedBefore]) && figure.date < row.date; storedBefore += 1) {
      // What was accepted for that day a moment ago replaces what is stored.
      if (neighbour === undefined || neighbour.date < figure.date) neighbour = figure;
    }
    if (neighbour !== undefined && (heardOn === undefined || heardOn < neighbour.date)) heardOn = neighbour.date;
    const silent = heardOn === undefined || daysBetween(heardOn, row.date) > SILENCE_DAYS;
    const reason = suspicionOf(row, silent ? undefined : neighbour, stored.get(row.date));
    const later = () => days.slice(index + 1, index + 1 + HOLDS_DAYS);
    if (reason === undefined || isVouchedFor(row, reason, later(), stored, evidence.second)) {
      plausible.push(row);
      neighbour = row;
    } else {
      doubt(row, reason);
    }
    heardOn = row.date;
  }
  return { plausible, suspects };
}

/** One row per day, ascending, of those that are figures at all. */
function daysOf(
  rows: readonly Observation[],
  evidence: SeriesEvidence,
  doubt: (observation: Observation, reason: SuspicionReason) => void,
): Observation[] {
  const byDate = new Map<IsoDate, Observation[]>();
  for (const row of rows) {
    const flaw = flawOf(row, evidence);
    if (flaw !== undefined) doubt(row, flaw);
    else if (byDate.get(row.date)?.push(row) === undefined) byDate.set(row.date, [row]);
  }
  const days: Observation[] = [];
  for (const [first, ...others] of byDate.values()) {
    if (first === undefined) continue;
    // Which of two is right can't be told from the answer: neither is taken.
    const differing = others.filter(({ rate }) => !sameFigure(rate, first.rate));
    if (differing.length === 0) days.push(first);
    else [first, ...differing].forEach((row) => doubt(row, 'duplicate'));
  }
  return days.sort((a, b) => (a.date < b.date ? -1 : 1));
}

function flawOf(row: Observation, { today, earliest, knownCurrencies }: SeriesEvidence): SuspicionReason | undefined {
  if (!knownCurrencies) return 'unknown_currency';
  if (row.date > today) return 'future';
  if (row.date < earliest) return 'too_early';
  return parsePositiveDecimal(row.rate) === undefined ? 'not_a_rate' : undefined;
}

function suspicionOf(
  { rate }: Observation,
  neighbour: Figure | undefined,
  stored: string | undefined,
): SuspicionReason | undefined {
  if (stored === undefined) return neighbour && !isWithin(FARTHEST, rate, neighbour.rate) ? 'jump' : undefined;
  if (isWithin(FARTHEST, rate, stored)) return undefined;
  // What is stored may be the slip, which its source has noticed.
  const heals = neighbour && isWithin(FARTHEST, rate, neighbour.rate) && !isWithin(FARTHEST, stored, neighbour.rate);
  return heals ? undefined : 'correction';
}

/**
 * A second source near that day has about the same; or, for a day that has no figure yet, the level holds on later days
 * and no second source says otherwise. What is stored is never replaced on one source's word.
 */
function isVouchedFor(
  { date, rate }: Observation,
  reason: SuspicionReason,
  later: readonly Observation[],
  stored: ReadonlyMap<IsoDate, string>,
  second: readonly SecondOpinion[],
): boolean {
  const near = second.filter((other) =>
    other.inDoubt ? other.date === date : Math.abs(daysBetween(date, other.date)) <= SECOND_DAYS,
  );
  if (near.some((other) => isWithin(NEARBY, rate, other.rate))) return true;
  // A figure of the day before says nothing against a jump today.
  const deniedUntil = addDays(date, SECOND_DAYS);
  if (second.some((other) => !other.inDoubt && other.date >= date && other.date <= deniedUntil)) return false;
  return (
    reason === 'jump' &&
    later.length === HOLDS_DAYS &&
    later.every((row) => isWithin(FARTHEST, rate, stored.get(row.date) ?? row.rate))
  );
}

/** Whether the larger of the two is at most so many times the smaller. */
function isWithin(most: Fraction, a: string, b: string): boolean {
  if (a === b) return true;
  const ratio = Fraction.of([a], [b]);
  return ratio.compare(most) <= 0 && ratio.times(most).compare(ONE) >= 0;
}

function sameFigure(a: string, b: string): boolean {
  return a === b || Fraction.of([a]).compare(Fraction.of([b])) === 0;
}

/** Fewer doubtful figures than this are doubted one by one. */
const BROKEN_FROM = 5;

/**
 * The newest day of a base on which more than a fifth of the figures is doubtful, with their numbers: such an answer is
 * a broken one, of which nothing is to be believed.
 */
export function brokenDay(
  verdicts: readonly Verdict[],
): { readonly date: IsoDate; readonly doubtful: number; readonly figures: number } | undefined {
  const newest = new Map<string, { date: IsoDate; doubtful: number; figures: number }>();
  const count = ({ base, date }: Observation, doubtful: number) => {
    const day = newest.get(base);
    if (day === undefined || day.date < date) newest.set(base, { date, doubtful, figures: 1 });
    else if (day.date === date) Object.assign(day, { doubtful: day.doubtful + doubtful, figures: day.figures + 1 });
  };
  for (const { plausible, suspects } of verdicts) {
    for (const row of plausible) count(row, 0);
    for (const { observation } of suspects) count(observation, 1);
  }
  return [...newest.values()].find(({ doubtful, figures }) => doubtful >= BROKEN_FROM && doubtful * 5 > figures);
}
