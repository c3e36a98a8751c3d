import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from '@jest/globals';
import { currencyCode } from '../../../libs/money/currency.js';
import { parsePositiveDecimal } from '../../../libs/money/decimal.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../../../test/support/real-ecb-file.js';
import { addDays, isoDate, type IsoDate } from '../../platform/time/iso-date.js';
import { DISCONTINUED } from './discontinued.js';
import { Pair, pairKey, type PairKey } from './pair.js';
import { chartRanges } from './ranges.js';
import { Series } from './series.js';
import { summarize } from './statistics.js';
import { isTargetDay } from './target-calendar.js';

// The rules against every figure that the ECB ever published.
describeWithRealFile('with the real ECB file', () => {
  let dates: IsoDate[];
  let book: Map<PairKey, Series>;
  let available: Set<PairKey>;

  beforeAll(() => {
    ({ dates, book } = read());
    available = new Set(book.keys());
  });

  const pair = (base: string, quote: string) => Pair.of(currencyCode(base), currencyCode(quote), available, book);

  it('has rates on the TARGET days and on no other, from the first day on', () => {
    const calendar: IsoDate[] = [];
    for (let day = isoDate('1999-01-04'); day <= (dates.at(-1) ?? ''); day = addDays(day, 1)) {
      if (isTargetDay(day)) calendar.push(day);
    }
    expect(dates).toEqual(calendar);
  });

  it('ends the closed currencies on the recorded day, at the rate of the law where that had been fixed', () => {
    for (const { currency, lastDate } of DISCONTINUED) {
      expect([currency, book.get(pairKey(currencyCode('EUR'), currency))?.newest?.date]).toEqual([currency, lastDate]);
    }
    // The others ended on market rates, or left the last digits out.
    const atTheFixedRate = ['CYP', 'EEK', 'LTL', 'LVL', 'MTL', 'SIT', 'SKK'];
    for (const fact of DISCONTINUED.filter(({ currency }) => atTheFixedRate.includes(currency))) {
      const last = book.get(pairKey(currencyCode('EUR'), fact.currency))?.newest;
      expect(Number(last?.rate)).toBe(Number(fact.unitsPerSuccessor));
    }
  });

  it('makes 1489.95 won per dollar of 2026-04-13, and the range of two years to that day', () => {
    const won = pair('USD', 'KRW');
    const asOf = isoDate('2026-04-13');
    expect(won?.series.newestAtOrBefore(asOf)).toEqual({ date: '2026-04-13', rate: '1489.95' });
    const twoYears = won ? chartRanges(won.series, asOf)['2y'] : [];
    expect(twoYears[0]?.date).toBe('2024-04-15');
    expect(summarize(twoYears)?.last.rate).toBe('1489.95');
  });

  it('has the rouble up to its suspension, and the lira on both sides of its new name', () => {
    expect(pair('USD', 'RUB')?.series.newest?.date).toBe('2022-03-01');
    expect(pair('USD', 'TRL')?.series.newest?.date).toBe('2004-12-31');
    expect(pair('USD', 'TRY')?.series.oldest?.date).toBe('2005-01-03');
  });

  function read(): { dates: IsoDate[]; book: Map<PairKey, Series> } {
    const [head = [], ...rows] = readFileSync(REAL_ECB_FILE, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const oldestFirst = rows.reverse().map(([date = '', ...rates]) => ({ date: isoDate(date), rates }));
    const series = head
      .slice(1)
      .filter(Boolean)
      .map((code, column): [PairKey, Series] => {
        const points = oldestFirst.flatMap(({ date, rates }) => {
          const rate = parsePositiveDecimal(rates[column] ?? '');
          return rate === undefined ? [] : [{ date, rate }];
        });
        return [pairKey(currencyCode('EUR'), currencyCode(code)), new Series(points)];
      });
    return { dates: oldestFirst.map(({ date }) => date), book: new Map(series) };
  }
});
