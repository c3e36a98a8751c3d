import { describe, expect, it } from '@jest/globals';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import { monthTicks } from './date-axis.js';
import { changeText, dayText, monthText, rateText } from './figures-text.js';

describe('figures for readers of every country', () => {
  it.each([
    ['1489.95', '1\u202F489.95'],
    ['0.000671163', '0.000671163'],
    ['20082.05', '20\u202F082.05'],
    ['1234567', '1\u202F234\u202F567'],
    ['999', '999'],
    ['1.1080', '1.1080'],
    ['0.00000000000000012', '1.2e-16'],
    ['12300000000000000000', '1.23e19'],
  ])('%s is %s', (rate, text) => expect(rateText(rate)).toBe(text));

  it.each([
    ['1421.55', '1489.95', '+4.81\u202F%'],
    ['100', '99.5', '\u22120.50\u202F%'],
    ['3.6725', '3.6725', '0.00\u202F%'],
    ['3.672500', '3.6725001', '0.00\u202F%'],
    ['2000', '2000.1', '0.00\u202F%'],
    ['2000', '2000.3', '+0.02\u202F%'],
  ])('%s to %s is %s', (first, last, text) => expect(changeText(first, last)).toBe(text));

  it('says days and months', () => {
    expect(dayText(isoDate('2026-04-03'))).toBe('3 Apr 2026');
    expect(monthText(isoDate('2026-04-01'))).toBe('Apr');
    expect(monthText(isoDate('2026-01-01'))).toBe('Jan 2026');
  });
});

describe('monthTicks', () => {
  it('are firsts of months strictly inside, at most nine of them', () => {
    const of = (from: string, to: string) => monthTicks(isoDate(from), isoDate(to)).map((day) => day.slice(2, 7));
    expect(of('2026-01-13', '2026-04-13')).toEqual(['26-02', '26-03', '26-04']);
    expect(of('2025-04-14', '2026-04-13')).toEqual(['25-05', '25-07', '25-09', '25-11', '26-01', '26-03']);
    expect(of('2024-04-15', '2026-04-13')).toEqual([
      ...['24-07', '24-10', '25-01', '25-04', '25-07', '25-10', '26-01', '26-04'],
    ]);
    expect(of('2026-04-01', '2026-05-01')).toEqual([]);
    expect(of('2026-04-13', '2026-04-13')).toEqual([]);
    expect(monthTicks(isoDate('1999-01-04'), addDays(isoDate('1999-01-04'), 9_000)).length).toBe(24);
  });
});
