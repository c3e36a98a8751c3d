import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isoDate } from '../../platform/time/iso-date.js';
import { nextDueAt, nextFetch, type SourceState } from './refresh-plan.js';

/** Friday; the ECB published at 16:00 Frankfurt time, which is 14:00 in UTC. */
const FRIDAY_EVENING = new Date('2026-08-07T18:00:00Z');

function at(instant: string): Date {
  return new Date(instant);
}

function source(changes: Partial<SourceState> = {}): SourceState {
  return {
    earliest: isoDate('1999-01-04'),
    historyInOneAnswer: false,
    loadedFrom: isoDate('1999-01-04'),
    attemptedAt: FRIDAY_EVENING,
    succeededAt: FRIDAY_EVENING,
    failures: 0,
    retryAt: null,
    newest: isoDate('2026-08-07'),
    fullPassAt: at('2026-08-05T06:00:00Z'),
    fullPassReached: null,
    fullPassTriedAt: at('2026-08-05T06:00:00Z'),
    ...changes,
  };
}

const NOTHING_YET = { loadedFrom: null, attemptedAt: null, succeededAt: null, newest: null };
const RECENT = { kind: 'recent', from: '2026-07-17', to: '2026-08-07' };
/** Where Thursday's figures are the newest that are stored. */
const SINCE_THURSDAY = { kind: 'recent', from: '2026-07-16', to: '2026-08-07' };

describe('the first fetch', () => {
  it('is of the two years of the charts, with a margin', () => {
    expect(nextFetch(source(NOTHING_YET), FRIDAY_EVENING)).toEqual({
      kind: 'first',
      from: '2024-07-24',
      to: '2026-08-07',
    });
  });

  it('begins no earlier than the source does', () => {
    const young = source({ ...NOTHING_YET, earliest: isoDate('2026-01-05') });
    expect(nextFetch(young, FRIDAY_EVENING)).toEqual({ kind: 'first', from: '2026-01-05', to: '2026-08-07' });
  });

  it('is tried again within seconds, and every minute at least: readers wait', () => {
    const failed = (failures: number) => source({ ...NOTHING_YET, attemptedAt: FRIDAY_EVENING, failures });
    const seconds = [1, 2, 3, 4, 5, 30].map((failures) => {
      return (nextDueAt(failed(failures), FRIDAY_EVENING).getTime() - FRIDAY_EVENING.getTime()) / 1_000;
    });
    expect(seconds).toEqual([5, 10, 20, 40, 60, 60]);
    expect(nextFetch(failed(30), at('2026-08-07T18:00:59Z'))).toBeUndefined();
    expect(nextFetch(failed(30), at('2026-08-07T18:01:00Z'))).toMatchObject({ kind: 'first', from: '2024-07-24' });
  });
});

describe('history', () => {
  it('comes in stretches, newest first, down to the first day of the source', () => {
    let loadedFrom = isoDate('2024-07-24');
    const stretches: string[] = [];
    for (;;) {
      const window = nextFetch(source({ loadedFrom }), FRIDAY_EVENING);
      if (window === undefined) break;
      stretches.push(`${window.from} ${window.to}`);
      loadedFrom = window.from;
    }
    expect(stretches).toEqual([
      '2019-07-24 2024-07-23',
      '2014-07-24 2019-07-23',
      '2009-07-24 2014-07-23',
      '2004-07-24 2009-07-23',
      '1999-07-24 2004-07-23',
      '1999-01-04 1999-07-23',
    ]);
  });

  it('comes at once where one answer has all of it', () => {
    const oneFile = source({ loadedFrom: isoDate('2024-07-24'), historyInOneAnswer: true });
    expect(nextFetch(oneFile, FRIDAY_EVENING)).toEqual({ kind: 'history', from: '1999-01-04', to: '2024-07-23' });
  });

  it('waits while something newer is due', () => {
    const behind = source({ loadedFrom: isoDate('2024-07-24'), failures: 1 });
    expect(nextFetch(behind, at('2026-08-07T18:00:30Z'))).toBeUndefined();
    expect(nextFetch(behind, at('2026-08-07T18:01:00Z'))).toEqual(RECENT);
  });
});

describe('what is new', () => {
  it('is asked for from 16:00 Frankfurt time on', () => {
    const thursday = source({
      newest: isoDate('2026-08-06'),
      attemptedAt: at('2026-08-07T12:00:00Z'),
      succeededAt: at('2026-08-07T12:00:00Z'),
    });
    expect(nextFetch(thursday, at('2026-08-07T13:59:00Z'))).toBeUndefined();
    expect(nextFetch(thursday, at('2026-08-07T14:00:00Z'))).toEqual(SINCE_THURSDAY);
  });

  it('is asked for every minute in the hour of the publication, every 15 after it', () => {
    const asked = (attemptedAt: string, now: string) => {
      const instant = at(attemptedAt);
      return nextFetch(source({ newest: isoDate('2026-08-06'), attemptedAt: instant, succeededAt: instant }), at(now));
    };
    expect(asked('2026-08-07T14:08:02Z', '2026-08-07T14:08:30Z')).toBeUndefined();
    expect(asked('2026-08-07T14:08:02Z', '2026-08-07T14:09:00Z')).toEqual(SINCE_THURSDAY);
    expect(asked('2026-08-07T14:59:02Z', '2026-08-07T15:00:00Z')).toEqual(SINCE_THURSDAY);
    expect(asked('2026-08-07T15:00:02Z', '2026-08-07T15:14:00Z')).toBeUndefined();
    expect(asked('2026-08-07T15:00:02Z', '2026-08-07T15:15:00Z')).toEqual(SINCE_THURSDAY);
  });

  it('is not due over a weekend, nor on a holiday', () => {
    expect(nextFetch(source(), at('2026-08-07T23:00:00Z'))).toBeUndefined();
    const early = at('2026-08-09T13:00:00Z');
    expect(nextFetch(source({ attemptedAt: early, succeededAt: early }), at('2026-08-09T15:00:00Z'))).toBeUndefined();
    const morning = at('2026-12-25T12:00:00Z');
    const christmas = source({
      newest: isoDate('2026-12-24'),
      fullPassAt: morning,
      attemptedAt: morning,
      succeededAt: morning,
    });
    expect(nextFetch(christmas, at('2026-12-25T17:00:00Z'))).toBeUndefined();
  });

  it('is asked for six hours after the last success whatever the calendar says: blends and corrections have none', () => {
    expect(nextFetch(source(), at('2026-08-07T23:59:00Z'))).toBeUndefined();
    expect(nextFetch(source(), at('2026-08-08T00:00:00Z'))).toEqual({
      kind: 'recent',
      from: '2026-07-17',
      to: '2026-08-08',
    });
    const blendsAlone = source({ newest: null });
    expect(nextFetch(blendsAlone, at('2026-08-07T23:59:00Z'))).toBeUndefined();
    expect(nextFetch(blendsAlone, at('2026-08-08T00:00:00Z'))).toBeDefined();
  });

  it('reaches back to the last success, so that an outage leaves no hole', () => {
    const away = source({ succeededAt: at('2026-03-01T12:00:00Z'), failures: 9 });
    expect(nextFetch(away, at('2026-08-07T18:15:00Z'))).toEqual({
      kind: 'recent',
      from: '2026-02-08',
      to: '2026-08-07',
    });
  });

  it('reaches back to the newest day that is stored, so that a source which answered without news leaves no hole either', () => {
    const silent = source({ newest: isoDate('2026-04-13'), attemptedAt: at('2026-08-07T12:00:00Z') });
    expect(nextFetch(silent, FRIDAY_EVENING)).toEqual({ kind: 'recent', from: '2026-03-23', to: '2026-08-07' });
  });
});

describe('after failures', () => {
  const minutesUntil = (state: SourceState, now: Date) => (nextDueAt(state, now).getTime() - now.getTime()) / 60_000;

  it('a source is asked after 1, 2, 4, 8 and then every 15 minutes', () => {
    const waits = [1, 2, 3, 4, 5, 6, 1_000].map((failures) => minutesUntil(source({ failures }), FRIDAY_EVENING));
    expect(waits).toEqual([1, 2, 4, 8, 15, 15, 15]);
  });

  it('the waits scatter by up to a quarter', () => {
    const late = at('2026-08-07T18:00:00.999Z');
    expect(minutesUntil(source({ failures: 9, attemptedAt: late }), late)).toBeCloseTo(11.254, 3);
  });

  it('a publication that becomes due is asked for at once', () => {
    const before = at('2026-08-07T13:59:00Z');
    const failing = source({ failures: 9, attemptedAt: before, succeededAt: before, newest: isoDate('2026-08-06') });
    expect(nextFetch(failing, at('2026-08-07T13:59:59Z'))).toBeUndefined();
    expect(nextFetch(failing, at('2026-08-07T14:00:00Z'))).toEqual(SINCE_THURSDAY);
  });

  it('a source that asks for time gets it, publication or not', () => {
    const before = at('2026-08-07T13:59:00Z');
    const retryAt = at('2026-08-07T14:30:00Z');
    const limited = source({ failures: 1, attemptedAt: before, newest: isoDate('2026-08-06'), retryAt });
    expect(nextFetch(limited, at('2026-08-07T14:29:59Z'))).toBeUndefined();
    expect(nextFetch(limited, retryAt)).toEqual(SINCE_THURSDAY);
    expect(nextDueAt({ ...limited, loadedFrom: null }, before)).toEqual(retryAt);
  });
});

describe('the full pass', () => {
  const SUNDAY = at('2026-08-09T06:00:00Z');
  const quiet = (changes: Partial<SourceState> = {}) =>
    source({ attemptedAt: SUNDAY, succeededAt: SUNDAY, ...changes });

  it('begins a week after the last', () => {
    const last = at('2026-08-02T06:00:00Z');
    const due = quiet({ fullPassAt: last, fullPassTriedAt: last });
    expect(nextFetch(due, at('2026-08-09T05:59:59Z'))).toBeUndefined();
    expect(nextFetch(due, SUNDAY)).toEqual({ kind: 'again', from: '2025-08-10', to: '2026-08-09' });
    expect(nextFetch(quiet({ fullPassAt: null, fullPassTriedAt: null }), SUNDAY)).toMatchObject({ kind: 'again' });
  });

  it('goes on where it stopped, half an hour after each stretch', () => {
    const running = quiet({ fullPassReached: isoDate('2025-08-10'), fullPassTriedAt: SUNDAY });
    expect(nextFetch(running, at('2026-08-09T06:29:59Z'))).toBeUndefined();
    expect(nextFetch(running, at('2026-08-09T06:30:00Z'))).toEqual({
      kind: 'again',
      from: '2024-08-10',
      to: '2025-08-09',
    });
    const last = { ...running, fullPassReached: isoDate('1999-07-01') };
    expect(nextFetch(last, at('2026-08-09T06:30:00Z'))).toMatchObject({ from: '1999-01-04', to: '1999-06-30' });
  });

  it('is one fetch where one answer has everything', () => {
    const oneFile = quiet({ historyInOneAnswer: true, fullPassAt: null, fullPassTriedAt: null });
    expect(nextFetch(oneFile, SUNDAY)).toEqual({ kind: 'again', from: '1999-01-04', to: '2026-08-09' });
  });

  it('keeps clear of the publication, of failures and of what was never fetched', () => {
    const monday = at('2026-08-10T13:00:00Z');
    const due = quiet({ fullPassAt: null, fullPassTriedAt: null, attemptedAt: monday, succeededAt: monday });
    expect(nextFetch(due, at('2026-08-10T12:59:59Z'))).toMatchObject({ kind: 'again' });
    expect(nextFetch(due, monday)).toBeUndefined();
    const published = { ...due, newest: isoDate('2026-08-10') };
    expect(nextDueAt(published, monday)).toEqual(at('2026-08-10T16:00:00Z'));
    expect(nextFetch(published, at('2026-08-10T15:59:59Z'))).toBeUndefined();
    expect(nextFetch(published, at('2026-08-10T16:00:00Z'))).toMatchObject({ kind: 'again' });
    expect(nextFetch({ ...due, failures: 1, attemptedAt: SUNDAY }, SUNDAY)).toBeUndefined();
    expect(nextFetch({ ...due, loadedFrom: isoDate('2024-07-24') }, SUNDAY)).toMatchObject({ kind: 'history' });
  });
});

describe('at any time, in any state', () => {
  const instant = fc.date({ min: at('2026-01-01T00:00:00Z'), max: at('2026-12-31T00:00:00Z'), noInvalidDate: true });
  const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const state = fc.record({
    earliest: fc.constant(isoDate('1999-01-04')),
    historyInOneAnswer: fc.boolean(),
    loadedFrom: fc.constantFrom(null, isoDate('1999-01-04'), isoDate('2024-07-24')),
    attemptedAt: orNull(instant),
    succeededAt: orNull(instant),
    failures: fc.nat({ max: 40 }),
    retryAt: orNull(instant),
    newest: fc.constantFrom(null, isoDate('2026-04-13'), isoDate('2026-08-07')),
    fullPassAt: orNull(instant),
    fullPassReached: fc.constantFrom(null, isoDate('2012-02-29')),
    fullPassTriedAt: orNull(instant),
  });

  it('there is something to fetch exactly when it is due, and it is a range of days up to today', () => {
    fc.assert(
      fc.property(state, instant, (source, now) => {
        const window = nextFetch(source, now);
        expect(window !== undefined).toBe(nextDueAt(source, now) <= now);
        if (window === undefined) return;
        expect(window.from <= window.to && window.from >= source.earliest).toBe(true);
        expect(window.to <= now.toISOString().slice(0, 10)).toBe(true);
      }),
    );
  });

  it('a source that was not told to wait is asked six hours after its last success at the latest', () => {
    fc.assert(
      fc.property(state, instant, (source, attemptedAt) => {
        const now = new Date(attemptedAt.getTime() + 6 * 3_600_000);
        const asked = nextFetch({ ...source, attemptedAt, succeededAt: attemptedAt, retryAt: null }, now);
        expect(asked).toBeDefined();
      }),
    );
  });
});
