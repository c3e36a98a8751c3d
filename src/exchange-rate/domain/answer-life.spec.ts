import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isoDate, isoDateOf } from '../../platform/time/iso-date.js';
import { answerLife, lifeWithin, maxAge } from './answer-life.js';
import { isStale, type PublicationKind } from './staleness.js';
import { nextPublication } from './target-calendar.js';

function seconds(
  now: string,
  newest: string,
  { asOf = now.slice(0, 10), kind = 'target' }: { asOf?: string; kind?: PublicationKind } = {},
) {
  const given = { kind, newest: isoDate(newest), asOf: isoDate(asOf), now: new Date(now) };
  return maxAge(answerLife({ ...given, stale: isStale(given) }), given.now);
}

const HOUR = 3_600;

describe('the life of an answer', () => {
  it.each([
    ['ends with the publication of today', '2026-08-07T10:00:00Z', '2026-08-06', 4 * HOUR],
    ['counts whole seconds', '2026-08-07T13:59:58.001Z', '2026-08-06', 1],
    ['in winter, Frankfurt is one hour nearer', '2026-12-08T10:00:00Z', '2026-12-07', 5 * HOUR],
    [
      'on the day on which the clocks went forward, a Sunday, ends with it',
      '2026-03-29T02:00:00Z',
      '2026-03-27',
      22 * HOUR,
    ],
    ['on the Monday after, is that of summer', '2026-03-30T10:00:00Z', '2026-03-27', 4 * HOUR],
    ['on the Monday after they went back, is that of winter', '2026-10-26T10:00:00Z', '2026-10-23', 5 * HOUR],
    ['once today is here, ends with the day in UTC', '2026-08-05T18:00:00Z', '2026-08-05', 6 * HOUR],
    ['on a weekend, ends with the day', '2026-08-08T09:00:00Z', '2026-08-07', 15 * HOUR],
    ['on Good Friday, ends with the day', '2026-04-03T12:00:00Z', '2026-04-02', 12 * HOUR],
    ['on Easter Monday, ends with the day', '2026-04-06T12:00:00Z', '2026-04-02', 12 * HOUR],
    ['on Christmas Day, ends with the day', '2026-12-25T10:00:00Z', '2026-12-24', 14 * HOUR],
    ['is short while the publication may come', '2026-08-07T14:00:00Z', '2026-08-06', 30],
    ['is short while it is late', '2026-08-07T15:30:00Z', '2026-08-06', 30],
    ['is short while days are missing', '2026-08-07T09:00:00Z', '2026-07-31', 30],
    ['is short, and ends with the day, just before midnight', '2026-08-07T23:59:50Z', '2026-08-06', 10],
  ])('%s', (_, now, newest, life) => expect(seconds(now, newest)).toBe(life));

  it('of a past day is an hour, since corrections happen, and ends with the publication', () => {
    expect(seconds('2026-08-07T10:00:00Z', '2026-03-31', { asOf: '2026-03-31' })).toBe(HOUR);
    expect(seconds('2026-08-07T13:30:00Z', '2026-03-31', { asOf: '2026-03-31' })).toBe(HOUR / 2);
  });

  it.each(['blend', 'never'] as const)('of figures without a timetable (%s) is a minute', (kind) => {
    expect(seconds('2026-08-07T10:00:00Z', '2026-08-07', { kind })).toBe(60);
    expect(seconds('2026-08-07T13:59:30Z', '2026-08-07', { kind })).toBe(30);
  });

  it('of which nothing is known is a minute, and ends with the hour', () => {
    const within = (now: string) => maxAge(lifeWithin(new Date(now)), new Date(now));
    expect([within('2026-08-07T14:00:00Z'), within('2026-08-07T13:59:45.5Z')]).toEqual([60, 14]);
  });

  it('never goes beyond the next publication or the day in UTC, whatever is stored', () => {
    const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    const kinds = fc.constantFrom<PublicationKind>('target', 'blend', 'never');
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        kinds,
        (now, age, ago, kind) => {
          const day = (days: number) => isoDateOf(new Date(now.getTime() - days * 24 * HOUR * 1_000));
          const given = { kind, newest: day(age + ago), asOf: day(ago), now };
          const stale = isStale(given);
          const life = maxAge(answerLife({ ...given, stale }), now);
          const ends = new Date(now.getTime() + life * 1_000);
          expect(isoDateOf(new Date(ends.getTime() - 1))).toBe(
            isoDateOf(life === 0 ? new Date(ends.getTime() - 1) : now),
          );
          // While something is due it may be published at any moment; then life is short instead.
          if (life > 30) expect(ends.getTime()).toBeLessThanOrEqual(nextPublication(now).getTime());
          if (stale && kind === 'target') expect(life).toBeLessThanOrEqual(30);
        },
      ),
    );
  });
});
