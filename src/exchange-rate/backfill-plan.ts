import type { CurrencyCode } from '../../libs/money/currency.js';
import { addDays, daysBetween, type IsoDate } from '../platform/time/iso-date.js';
import type { Observation } from './domain/observation.js';
import { calendarYears, type DateWindow } from './providers/date-window.js';

/** What a backfill is asked for, every default filled in: it is kept with the job. */
export interface Backfill extends DateWindow {
  readonly provider: string;
  /** Sorted; null: all. */
  readonly quotes: readonly CurrencyCode[] | null;
}

/** How far a backfill is. It goes from the newest day to the oldest. */
export interface BackfillCheckpoint {
  /** This day and every later one is stored. */
  readonly storedFrom: IsoDate;
}

export interface Piece {
  readonly rows: readonly Observation[];
  readonly checkpoint: BackfillCheckpoint;
}

export function daysOf({ from, to }: DateWindow): number {
  return daysBetween(from, to) + 1;
}

/**
 * What is still to be fetched, newest first. A stretch is fetched whole even where a part of it is stored: which of its
 * currencies are legs and which are blended is told by the whole of it, so that an interrupted backfill ends with the
 * same rows as one that ran through.
 */
export function stretchesLeft(
  { from: first, to }: DateWindow,
  historyInOneAnswer: boolean,
  checkpoint: BackfillCheckpoint | null,
): DateWindow[] {
  const window = { from: first, to };
  const stretches = historyInOneAnswer ? [window] : calendarYears(window);
  return stretches.filter(({ from }) => checkpoint === null || from < checkpoint.storedFrom);
}

/** The rows of a stretch that are not stored yet, in pieces of whole days, newest first; the last one ends the stretch. */
export function* piecesOf(
  { from }: DateWindow,
  rows: readonly Observation[],
  checkpoint: BackfillCheckpoint | null,
  size: number,
): Generator<Piece> {
  const left = rows
    .filter(({ date }) => checkpoint === null || date < checkpoint.storedFrom)
    .sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  let start = 0;
  for (let end = size; end < left.length; end++) {
    const [before, next] = [left[end - 1]?.date, left[end]?.date];
    if (end - start < size || before === undefined || next === undefined || before === next) continue;
    yield { rows: left.slice(start, end), checkpoint: { storedFrom: addDays(next, 1) } };
    start = end;
  }
  yield { rows: left.slice(start), checkpoint: { storedFrom: from } };
}
