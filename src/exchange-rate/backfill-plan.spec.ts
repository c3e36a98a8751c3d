import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencyCode } from '../../libs/money/currency.js';
import { addDays, isoDate } from '../platform/time/iso-date.js';
import { type Backfill, type BackfillCheckpoint, daysOf, piecesOf, stretchesLeft } from './backfill-plan.js';
import type { Observation } from './domain/observation.js';

const day = isoDate;
const window = { from: day('2023-11-15'), to: day('2026-02-10') };

describe('the stretches of a backfill', () => {
  it('are calendar years, newest first, whole even where a part is stored', () => {
    const all = [
      { from: '2026-01-01', to: '2026-02-10' },
      { from: '2025-01-01', to: '2025-12-31' },
      { from: '2024-01-01', to: '2024-12-31' },
      { from: '2023-11-15', to: '2023-12-31' },
    ];
    expect(stretchesLeft(window, false, null)).toEqual(all);
    expect(stretchesLeft(window, false, { storedFrom: day('2025-06-30') })).toEqual(all.slice(1));
    expect(stretchesLeft(window, false, { storedFrom: day('2025-01-01') })).toEqual(all.slice(2));
    expect(stretchesLeft(window, false, { storedFrom: window.from })).toEqual([]);
  });

  it('are one where one answer has everything', () => {
    // Days alone: whatever else the backfill says is not part of the request to the source.
    expect(stretchesLeft({ ...window, provider: 'ecb', quotes: null } as Backfill, true, null)).toEqual([window]);
    expect(stretchesLeft(window, true, { storedFrom: day('2025-06-30') })).toEqual([window]);
    expect(stretchesLeft(window, true, { storedFrom: window.from })).toEqual([]);
  });
});

describe('the pieces of a stretch', () => {
  const start = day('2025-01-01');
  const rows = fc.array(
    fc.record({ offset: fc.nat(20), quote: fc.constantFrom('KRW', 'JPY', 'TRY', 'RUB').map(currencyCode) }),
    { maxLength: 120 },
  );
  const toRows = (drawn: { offset: number; quote: Observation['quote'] }[]): Observation[] =>
    drawn.map(({ offset, quote }, n) => ({
      base: currencyCode('EUR'),
      quote,
      date: addDays(start, offset),
      rate: `${n + 1}`,
    }));
  const stretch = { from: start, to: addDays(start, 20) };

  it('hold every row once, whole days of about the size asked for, newest first, and end where the stretch begins', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 30 }), (drawn, size) => {
        const given = toRows(drawn);
        const pieces = [...piecesOf(stretch, given, null, size)];
        expect(
          pieces
            .flatMap((piece) => piece.rows)
            .map(({ rate }) => Number(rate))
            .sort((a, b) => a - b),
        ).toEqual(given.map(({ rate }) => Number(rate)));
        expect(pieces.at(-1)?.checkpoint).toEqual({ storedFrom: start });
        let before = addDays(stretch.to, 1);
        for (const { rows: part, checkpoint } of pieces) {
          for (const { date } of part) expect(date >= checkpoint.storedFrom && date < before).toBe(true);
          expect(checkpoint.storedFrom < before).toBe(true);
          before = checkpoint.storedFrom;
        }
        for (const piece of pieces.slice(0, -1)) expect(piece.rows.length).toBeGreaterThanOrEqual(size);
      }),
    );
  });

  it('are, after any of them, the ones that are left', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 30 }), (drawn, size) => {
        const given = toRows(drawn);
        const pieces = [...piecesOf(stretch, given, null, size)];
        pieces.slice(0, -1).forEach(({ checkpoint }, n) => {
          expect([...piecesOf(stretch, given, checkpoint, size)]).toEqual(pieces.slice(n + 1));
        });
      }),
    );
  });

  it('are one without rows where there are none: a silent stretch is done as well', () => {
    const done: BackfillCheckpoint = { storedFrom: start };
    expect([...piecesOf(stretch, [], null, 10)]).toEqual([{ rows: [], checkpoint: done }]);
  });
});

it('counts the first and the last day', () => {
  expect(daysOf({ from: day('2024-02-28'), to: day('2024-03-01') })).toBe(3);
});
