import { describe, expect, it } from '@jest/globals';
import { isoDate } from '../../platform/time/iso-date.js';
import { nextFetch, type SourceState } from './refresh-plan.js';

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
    newest: isoDate('2026-08-07'),
    ...changes,
  };
}

const NOTHING_YET = { loadedFrom: null, attemptedAt: null, succeededAt: null, newest: null };
const RECENT = { from: '2026-07-17', to: '2026-08-07' };
/** Where Thursday's figures are the newest that are stored. */
const SINCE_THURSDAY = { from: '2026-07-16', to: '2026-08-07' };

describe('the first fetch', () => {
  it('is of the two years of the charts, with a margin', () => {
    expect(nextFetch(source(NOTHING_YET), FRIDAY_EVENING)).toEqual({ from: '2024-07-24', to: '2026-08-07' });
  });

  it('begins no earlier than the source does', () => {
    const young = source({ ...NOTHING_YET, earliest: isoDate('2026-01-05') });
    expect(nextFetch(young, FRIDAY_EVENING)).toEqual({ from: '2026-01-05', to: '2026-08-07' });
  });

  it('is the same again after it failed', () => {
    const failed = source({ ...NOTHING_YET, attemptedAt: FRIDAY_EVENING, failures: 3 });
    expect(nextFetch(failed, FRIDAY_EVENING)).toEqual({ from: '2024-07-24', to: '2026-08-07' });
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
    expect(nextFetch(oneFile, FRIDAY_EVENING)).toEqual({ from: '1999-01-04', to: '2024-07-23' });
  });

  it('waits while something newer is due', () => {
    const behind = source({ loadedFrom: isoDate('2024-07-24'), failures: 1 });
    expect(nextFetch(behind, FRIDAY_EVENING)).toEqual(RECENT);
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

  it('is asked for every few minutes until it is there', () => {
    const due = (attemptedAt: string) =>
      source({ newest: isoDate('2026-08-06'), attemptedAt: at(attemptedAt), succeededAt: at(attemptedAt) });
    expect(nextFetch(due('2026-08-07T14:08:00Z'), at('2026-08-07T14:10:00Z'))).toBeUndefined();
    expect(nextFetch(due('2026-08-07T14:05:00Z'), at('2026-08-07T14:10:00Z'))).toEqual(SINCE_THURSDAY);
  });

  it('is not due over a weekend, nor on a holiday', () => {
    expect(nextFetch(source(), at('2026-08-07T23:00:00Z'))).toBeUndefined();
    const early = at('2026-08-09T13:00:00Z');
    expect(nextFetch(source({ attemptedAt: early, succeededAt: early }), at('2026-08-09T15:00:00Z'))).toBeUndefined();
    const morning = at('2026-12-25T12:00:00Z');
    const christmas = source({ newest: isoDate('2026-12-24'), attemptedAt: morning, succeededAt: morning });
    expect(nextFetch(christmas, at('2026-12-25T17:00:00Z'))).toBeUndefined();
  });

  it('is asked for six hours after the last success whatever the calendar says: blends and corrections have none', () => {
    expect(nextFetch(source(), at('2026-08-07T23:59:00Z'))).toBeUndefined();
    expect(nextFetch(source(), at('2026-08-08T00:00:00Z'))).toEqual({ from: '2026-07-17', to: '2026-08-08' });
    const blendsAlone = source({ newest: null });
    expect(nextFetch(blendsAlone, at('2026-08-07T23:59:00Z'))).toBeUndefined();
    expect(nextFetch(blendsAlone, at('2026-08-08T00:00:00Z'))).toBeDefined();
  });

  it('is asked for at once after a failure', () => {
    expect(nextFetch(source({ failures: 1 }), FRIDAY_EVENING)).toEqual(RECENT);
  });

  it('reaches back to the last success, so that an outage leaves no hole', () => {
    const away = source({ succeededAt: at('2026-03-01T12:00:00Z'), failures: 9 });
    expect(nextFetch(away, FRIDAY_EVENING)).toEqual({ from: '2026-02-08', to: '2026-08-07' });
  });

  it('reaches back to the newest day that is stored, so that a source which answered without news leaves no hole either', () => {
    const silent = source({ newest: isoDate('2026-04-13'), attemptedAt: at('2026-08-07T12:00:00Z') });
    expect(nextFetch(silent, FRIDAY_EVENING)).toEqual({ from: '2026-03-23', to: '2026-08-07' });
  });
});
