import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isoDate, type IsoDate } from '../../platform/time/iso-date.js';
import { type Group, GROUPS, lastOfEach } from './grouping.js';
import type { Point } from './series.js';

const at = (...dates: string[]): Point[] =>
  dates.map((date, index) => ({ date: isoDate(date), rate: String(index + 1) }));
const datesOf = (points: Point[], group: Group) => [...lastOfEach(points, group)].map(({ date }) => date);

/** The group of a day, apart from the product's own arithmetic: by the Thursday that names an ISO week. */
function groupOf(date: IsoDate, group: Group): string {
  if (group !== 'week') return date.slice(0, group === 'day' ? 10 : 7);
  const thursday = new Date(`${date}T00:00:00Z`);
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  return `${year}-W${Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1}`;
}

const someDays = fc
  .uniqueArray(fc.integer({ min: 0, max: 800 }), { maxLength: 120 })
  .map((days) => [...days].sort((a, b) => a - b))
  // Before and after 1970, over leap days and turns of the year.
  .chain((days) =>
    fc
      .constantFrom('1968-11-20', '1998-12-01', '2023-06-01')
      .map((start) => days.map((day) => ({ date: addDays(isoDate(start), day), rate: `${day}.5` }))),
  );

describe('lastOfEach', () => {
  it('keeps the last observation of an ISO week, over the turn of a year', () => {
    const points = at('2024-12-27', '2024-12-30', '2024-12-31', '2025-01-02', '2025-01-03', '2025-01-06');
    expect(datesOf(points, 'week')).toEqual(['2024-12-27', '2025-01-03', '2025-01-06']);
  });

  it('begins a week on Monday: Sunday belongs to the days before it', () => {
    expect(datesOf(at('2026-08-01', '2026-08-02', '2026-08-03'), 'week')).toEqual(['2026-08-02', '2026-08-03']);
  });

  it('keeps the last observation of a month, the leap day where there is one', () => {
    const points = at('2024-02-28', '2024-02-29', '2024-03-28', '2025-02-28', '2025-03-03');
    expect(datesOf(points, 'month')).toEqual(['2024-02-29', '2024-03-28', '2025-02-28', '2025-03-03']);
  });

  it('tells the same month of two years apart', () => {
    expect(datesOf(at('2024-08-30', '2025-08-29'), 'month')).toEqual(['2024-08-30', '2025-08-29']);
  });

  it('law: by day it changes nothing', () => {
    fc.assert(fc.property(someDays, (points) => expect([...lastOfEach(points, 'day')]).toEqual(points)));
  });

  it('law: each group that has observations is there once, as its last one', () => {
    fc.assert(
      fc.property(someDays, fc.constantFrom(...GROUPS), (points, group) => {
        const last = new Map(points.map((point) => [groupOf(point.date, group), point]));
        expect([...lastOfEach(points, group)]).toEqual([...last.values()]);
      }),
    );
  });

  it('law: halves that are cut between two groups make the whole', () => {
    fc.assert(
      fc.property(someDays, fc.constantFrom(...GROUPS), fc.nat(), (points, group, seed) => {
        const cuts = points.flatMap(({ date }, index) =>
          index > 0 && groupOf(date, group) !== groupOf(points[index - 1]!.date, group) ? [index] : [],
        );
        const cut = cuts[seed % cuts.length] ?? 0;
        const halves = [points.slice(0, cut), points.slice(cut)].flatMap((half) => [...lastOfEach(half, group)]);
        expect(halves).toEqual([...lastOfEach(points, group)]);
      }),
    );
  });

  it('law: never looks ahead: later observations change nothing but the last group', () => {
    fc.assert(
      fc.property(someDays, fc.constantFrom(...GROUPS), fc.nat(), (points, group, seed) => {
        const known = points.slice(0, points.length === 0 ? 0 : seed % points.length);
        const then = [...lastOfEach(known, group)];
        expect([...lastOfEach(points, group)].slice(0, Math.max(0, then.length - 1))).toEqual(then.slice(0, -1));
        expect(then.at(-1)).toEqual(known.at(-1));
      }),
    );
  });

  it('takes no more points than it has to', () => {
    let taken = 0;
    const points = function* () {
      for (const point of at('2026-01-30', '2026-02-02', '2026-02-03', '2026-03-02')) {
        taken += 1;
        yield point;
      }
    };
    expect(lastOfEach(points(), 'month').next().value).toMatchObject({ date: '2026-01-30' });
    expect(taken).toBe(2);
  });
});
