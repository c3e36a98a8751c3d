import { describe, expect, it } from '@jest/globals';
import { exact, relative } from './moments.js';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

describe('relative', () => {
  it.each([
    [0, 'now'],
    [-59 * SECOND, 'now'],
    [20 * SECOND, 'now'],
    [-60 * SECOND, '1 minute ago'],
    [-119 * SECOND, '1 minute ago'],
    [-5 * HOUR, '5 hours ago'],
    [-DAY, 'yesterday'],
    [-13 * DAY, '13 days ago'],
    [-40 * DAY, 'last month'],
    [90 * DAY, 'in 3 months'],
    [366 * DAY, 'next year'],
  ])('tells %d ms as %s', (ms, text) => {
    expect(relative('en', new Date(NOW + ms).toISOString(), NOW)).toBe(text);
  });
});

describe('exact', () => {
  it('names the day, and the minute unless the day is enough', () => {
    const noon = '2026-11-22T12:00:00Z';
    expect(exact('en-US', noon, 'day')).toBe('Nov 22, 2026');
    expect(exact('en-US', noon)).toMatch(/^Nov 22, 2026, \d+:\d\d\s[AP]M$/);
  });
});
