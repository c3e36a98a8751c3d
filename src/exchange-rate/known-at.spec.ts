import { describe, expect, it } from '@jest/globals';
import { isSettled, parseKnownAt } from './known-at.js';

describe('parseKnownAt', () => {
  it.each([
    ['2026-04-13T18:00:00Z', '2026-04-13T18:00:00.000Z'],
    ['2026-04-13T09:00:00+09:00', '2026-04-13T00:00:00.000Z'],
    ['2026-04-13T09:00:00 09:00', '2026-04-13T00:00:00.000Z'],
    ['1990-01-01T00:00:00Z', '1990-01-01T00:00:00.000Z'],
    ['1989-12-31T20:00:00-04:00', '1990-01-01T00:00:00.000Z'],
    // What lies below a millisecond is never stored, so nothing is lost with it.
    ['2026-04-13T18:00:00.123999Z', '2026-04-13T18:00:00.123Z'],
  ])('takes %s', (text, instant) => {
    expect(parseKnownAt(text)?.toISOString()).toBe(instant);
  });

  it.each([
    '1990-01-01T00:00:00+00:01',
    '2026-04-13 09:00',
    '2026-04-13 09:00:00Z',
    '2026-04-13T09:00:00  09:00',
    '2026-04-13T09:00:00 09',
    '2026-04-13T24:00:00Z',
    '2026-06-30T23:59:60Z',
    '2026-04-13',
    '',
  ])('refuses %j', (text) => {
    expect(parseKnownAt(text)).toBeUndefined();
  });
});

describe('isSettled', () => {
  const now = new Date('2026-08-07T18:05:00.000Z');

  it.each([
    ['2026-08-07T17:59:59.999Z', true],
    ['2026-08-07T18:00:00.000Z', false],
    ['2026-08-07T18:05:00.000Z', false],
    // A writer whose clock is ahead.
    ['2026-08-07T18:05:01.000Z', false],
  ])('of %s: %s', (at, settled) => {
    expect(isSettled(new Date(at), now)).toBe(settled);
  });
});
