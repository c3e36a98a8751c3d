import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isoDate, isoDateOf } from '../../platform/time/iso-date.js';
import { isStale, type PublicationKind } from './staleness.js';

const stale = (kind: PublicationKind, newest: string, asOf: string, now: string) =>
  isStale({ kind, newest: isoDate(newest), asOf: isoDate(asOf), now: new Date(now) });

describe('isStale of ECB figures', () => {
  it.each([
    ['today is not published yet', '2026-04-10', '2026-04-13', '2026-04-13T14:59:59Z', false],
    ['today must be published', '2026-04-10', '2026-04-13', '2026-04-13T15:00:00Z', true],
    ['today is there', '2026-04-13', '2026-04-13', '2026-04-13T15:00:00Z', false],
    ['early, before it must be', '2026-04-13', '2026-04-13', '2026-04-13T14:05:00Z', false],
    ['Easter', '2026-04-02', '2026-04-06', '2026-04-06T20:00:00Z', false],
    ['after Easter', '2026-04-02', '2026-04-07', '2026-04-07T15:00:00Z', true],
    ['a weekend', '2026-04-10', '2026-04-12', '2026-04-12T20:00:00Z', false],
    ['a past day has its own observation', '2024-06-12', '2024-06-12', '2026-04-13T12:00:00Z', false],
    ['a past Sunday has its Friday', '2024-06-14', '2024-06-16', '2026-04-13T12:00:00Z', false],
    ['a past day lacks its observation', '2024-06-11', '2024-06-12', '2026-04-13T12:00:00Z', true],
    ['a suspended currency', '2022-03-01', '2026-04-13', '2026-04-13T12:00:00Z', true],
  ])('%s', (_, newest, asOf, now, expected) => {
    expect(stale('target', newest, asOf, now)).toBe(expected);
  });
});

describe('isStale of a blend', () => {
  it.each([
    // The newest is of Monday the 6th; Tuesday to Friday are silent.
    ['on the fourth silent weekday', '2026-04-10', '2026-04-10T23:59:59Z', false],
    ['once the fourth is over', '2026-04-11', '2026-04-11T00:00:00Z', true],
    ['as of a past day with three silent weekdays', '2026-04-09', '2026-05-01T00:00:00Z', false],
    ['as of a past day with four', '2026-04-10', '2026-05-01T00:00:00Z', true],
  ])('%s', (_, asOf, now, expected) => {
    expect(stale('blend', '2026-04-06', asOf, now)).toBe(expected);
  });

  it('does not count weekends', () => {
    // Friday's figure: Monday to Wednesday are silent, Thursday is not over.
    expect(stale('blend', '2026-04-10', '2026-04-16', '2026-04-16T20:00:00Z')).toBe(false);
    expect(stale('blend', '2026-04-10', '2026-04-17', '2026-04-17T00:00:00Z')).toBe(true);
  });
});

describe('isStale', () => {
  it('never holds for imports and samples', () => {
    expect(stale('never', '1999-01-04', '2026-04-13', '2026-04-13T20:00:00Z')).toBe(false);
  });

  it('law: a newer observation never makes an answer stale, and time never makes it fresh again', () => {
    const kind = fc.constantFrom<PublicationKind>('target', 'blend', 'never');
    const instant = fc.date({ min: new Date('2002-02-01'), max: new Date('2060-01-01'), noInvalidDate: true });
    const days = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(kind, instant, days, days, (of, now, age, later) => {
        const asOf = isoDateOf(now);
        const newest = addDays(asOf, -age);
        const answer = isStale({ kind: of, newest, asOf, now });
        if (!answer) expect(isStale({ kind: of, newest: addDays(newest, later), asOf, now })).toBe(false);
        const then = new Date(now.getTime() + later * 86_400_000);
        if (answer) expect(isStale({ kind: of, newest, asOf: isoDateOf(then), now: then })).toBe(true);
      }),
    );
  });
});
