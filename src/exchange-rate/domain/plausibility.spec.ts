import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencyCode } from '../../../libs/money/currency.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../../../test/support/real-ecb-file.js';
import { addDays, isoDate, isWeekend } from '../../platform/time/iso-date.js';
import type { Observation } from './observation.js';
import { brokenDay, judgeSeries, type SecondOpinion, type SeriesEvidence, type Verdict } from './plausibility.js';

const EUR = currencyCode('EUR');
const KRW = currencyCode('KRW');
const MONDAY = isoDate('2026-08-03');

function row(date: string, rate: string): Observation {
  return { base: EUR, quote: KRW, date: isoDate(date), rate };
}

/** Figures of consecutive weekdays from Monday, 3 August 2026 on. */
function week(...rates: string[]): Observation[] {
  let day = addDays(MONDAY, -1);
  return rates.map((rate) => {
    do day = addDays(day, 1);
    while (isWeekend(day));
    return row(day, rate);
  });
}

function evidence(changes: Partial<SeriesEvidence> = {}): SeriesEvidence {
  return {
    today: isoDate('2026-08-31'),
    earliest: isoDate('1999-01-04'),
    knownCurrencies: true,
    stored: [],
    doubtedBefore: undefined,
    second: [],
    ...changes,
  };
}

const stored = (date: string, rate: string) => ({ date: isoDate(date), rate });
const second = (date: string, rate: string, inDoubt = false): SecondOpinion => ({ ...stored(date, rate), inDoubt });
const rates = ({ plausible }: Verdict) => plausible.map(({ rate }) => rate);
const reasons = ({ suspects }: Verdict) => suspects.map(({ observation, reason }) => `${observation.rate} ${reason}`);

describe('what is no rate at all', () => {
  it.each(['0', '-1', 'NaN', 'Infinity', '', '1e400', '1234567890.123456'])('is not believed: %s', (rate) => {
    const verdict = judgeSeries([...week('1600'), row('2026-08-04', rate)], evidence());
    expect([rates(verdict), reasons(verdict)]).toEqual([['1600'], [`${rate} not_a_rate`]]);
  });

  it('nor are figures of days to come, of days before the source begins, and of no currency', () => {
    const verdict = judgeSeries([row('2026-09-01', '1600'), row('1999-01-01', '1600')], evidence());
    expect(reasons(verdict)).toEqual(['1600 future', '1600 too_early']);
    expect(reasons(judgeSeries(week('1600'), evidence({ knownCurrencies: false })))).toEqual(['1600 unknown_currency']);
  });

  it('of two figures for one day neither counts, of one figure in two writings one', () => {
    const twice = judgeSeries([...week('1600'), row('2026-08-04', '1601'), row('2026-08-04', '1602')], evidence());
    expect([rates(twice), reasons(twice)]).toEqual([['1600'], ['1601 duplicate', '1602 duplicate']]);
    const same = judgeSeries([row('2026-08-04', '1601.0'), row('2026-08-04', '1601')], evidence());
    expect([rates(same), reasons(same)]).toEqual([['1601.0'], []]);
  });
});

describe('a jump', () => {
  it.each([
    ['100', '140', true],
    ['100', '140.01', false],
    ['140', '100', true],
    ['140.01', '100', false],
    ['100', '60', false],
  ])('from %s to %s is believed: %s', (from, to, believed) => {
    expect(rates(judgeSeries(week(from, to), evidence()))).toEqual(believed ? [from, to] : [from]);
    const next = judgeSeries(week(to), evidence({ stored: [stored('2026-07-31', from)] }));
    expect(rates(next)).toEqual(believed ? [to] : []);
  });

  it('is measured from the newest figure that is believed', () => {
    const verdict = judgeSeries(week('100', '1000', '101', '0.1', '102'), evidence());
    expect([rates(verdict), reasons(verdict)]).toEqual([
      ['100', '101', '102'],
      ['1000 jump', '0.1 jump'],
    ]);
  });

  it('is none after two weeks of silence, unless figures in doubt broke it', () => {
    const old = [stored('2026-07-19', '100')];
    expect(rates(judgeSeries(week('1000'), evidence({ stored: old })))).toEqual(['1000']);
    expect(rates(judgeSeries(week('1000'), evidence({ stored: [stored('2026-07-20', '100')] })))).toEqual([]);
    const doubted = evidence({ stored: old, doubtedBefore: isoDate('2026-07-28') });
    expect(reasons(judgeSeries(week('1000'), doubted))).toEqual(['1000 jump']);
  });

  it('is believed once the level has held on five later days', () => {
    expect(rates(judgeSeries(week('100', '200', '201', '202', '203', '204'), evidence()))).toEqual(['100']);
    const held = week('100', '200', '201', '202', '203', '204', '205');
    expect(judgeSeries(held, evidence()).suspects).toEqual([]);
    expect(reasons(judgeSeries(week('100', '200', '201', '202', '100', '204', '205'), evidence()))[0]).toBe('200 jump');
  });

  it('is believed when a second source has about the same near that day', () => {
    const verdict = (...opinions: SecondOpinion[]) =>
      rates(judgeSeries(week('100', '200'), evidence({ second: opinions })));
    expect(verdict(second('2026-08-04', '219'))).toEqual(['100', '200']);
    expect(verdict(second('2026-08-04', '221'))).toEqual(['100']);
    expect(verdict(second('2026-08-07', '200'))).toEqual(['100', '200']);
    expect(verdict(second('2026-08-08', '200'))).toEqual(['100']);
  });

  it('is believed when a second source doubts the same figure of the same day: both published it', () => {
    const doubted = (date: string) => evidence({ second: [second('2026-08-03', '100'), second(date, '200', true)] });
    expect(rates(judgeSeries(week('100', '200'), doubted('2026-08-04')))).toEqual(['100', '200']);
    expect(rates(judgeSeries(week('100', '200'), doubted('2026-08-05')))).toEqual(['100']);
  });

  it('is not believed for holding where a second source says otherwise', () => {
    const held = week('100', '200', '201', '202', '203', '204', '205');
    expect(rates(judgeSeries(held, evidence({ second: [second('2026-08-03', '100')] })))).toHaveLength(7);
    const denied = evidence({ second: held.map(({ date }) => second(date, '100')) });
    expect(rates(judgeSeries(held, denied))).toEqual(['100']);
  });
});

describe('a correction', () => {
  const known = [stored('2026-07-31', '99'), ...week('100', '100', '100').map(({ date, rate }) => ({ date, rate }))];

  it('is believed where it is small, and where it is none', () => {
    expect(judgeSeries(week('100', '101', '100.0'), evidence({ stored: known })).suspects).toEqual([]);
  });

  it('by more than 40 % needs a second source, however long it holds', () => {
    const all = evidence({ stored: week(...Array<string>(9).fill('100')).map(({ date, rate }) => ({ date, rate })) });
    const verdict = judgeSeries(week(...Array<string>(9).fill('200')), all);
    expect([rates(verdict), new Set(reasons(verdict))]).toEqual([[], new Set(['200 correction'])]);
    const vouched = { ...all, second: [second('2026-08-04', '200', true)] };
    expect(judgeSeries(week('100', '200', '100'), vouched).plausible).toHaveLength(3);
  });

  it('is believed where it heals what was stored wrong', () => {
    const wrong = [stored('2026-07-31', '99'), stored('2026-08-03', '9900')];
    expect(rates(judgeSeries(week('99'), evidence({ stored: wrong })))).toEqual(['99']);
  });

  it('of days that stay leaves later days alone', () => {
    const verdict = judgeSeries(week('100', '500', '100'), evidence({ stored: known }));
    expect([rates(verdict), reasons(verdict)]).toEqual([['100', '100'], ['500 correction']]);
  });
});

describe('whatever comes', () => {
  const figure = fc.constantFrom('100', '101', '120', '150', '1000', '0', '-1', 'NaN');
  const answer = fc
    .array(fc.tuple(fc.nat({ max: 40 }), figure))
    .map((entries) => entries.map(([days, rate]) => row(addDays(MONDAY, days), rate)));

  it('each row is believed, doubted or a repetition; the order makes no difference; again, nothing changes', () => {
    fc.assert(
      fc.property(answer, (rows) => {
        const verdict = judgeSeries(rows, evidence());
        const seen = [...verdict.plausible, ...verdict.suspects.map(({ observation }) => observation)];
        for (const given of rows) {
          expect(seen.some(({ date, rate }) => date === given.date && rate === given.rate)).toBe(true);
        }
        expect(judgeSeries([...rows].reverse(), evidence()).plausible).toEqual(verdict.plausible);
        const again = judgeSeries(verdict.plausible, evidence({ stored: verdict.plausible }));
        expect(again).toEqual({ plausible: verdict.plausible, suspects: [] });
      }),
    );
  });
});

describe('a broken answer', () => {
  const day = (doubtful: number, figures: number): Verdict[] =>
    Array.from({ length: figures }, (_, index) =>
      index < doubtful
        ? { plausible: [], suspects: [{ observation: row('2026-08-04', '1'), reason: 'jump' }] }
        : { plausible: [row('2026-08-03', '1'), row('2026-08-04', '1')], suspects: [] },
    );

  it('is one with more than a fifth of its newest day in doubt', () => {
    expect(brokenDay(day(6, 30))).toBeUndefined();
    expect(brokenDay(day(7, 30))).toEqual({ date: '2026-08-04', doubtful: 7, figures: 30 });
    expect(brokenDay(day(4, 4))).toBeUndefined();
    expect(brokenDay([])).toBeUndefined();
  });

  it('is told by its newest day, for each base apart', () => {
    expect(brokenDay([...day(30, 30), { plausible: [row('2026-08-05', '1')], suspects: [] }])).toBeUndefined();
    const usd = { ...row('2026-08-05', '1'), base: currencyCode('USD') };
    expect(brokenDay([...day(30, 30), { plausible: [usd], suspects: [] }])).toMatchObject({ doubtful: 30 });
  });
});

describeWithRealFile('the real history of the ECB', () => {
  /** Each column, ascending. */
  const published = () => {
    const [header = '', ...lines] = readFileSync(REAL_ECB_FILE, 'utf8').trim().split(/\r?\n/);
    const days = lines.map((line) => line.split(',')).reverse();
    return header
      .split(',')
      .slice(1)
      .map((code, column) => ({
        code,
        rows: days.flatMap((cells) => {
          const rate = cells[column + 1];
          return rate === 'N/A' || !rate
            ? []
            : [{ base: EUR, quote: currencyCode(code), date: isoDate(cells[0] ?? ''), rate }];
        }),
      }))
      .filter(({ code }) => code.trim() !== '');
  };

  it('is believed whole', () => {
    const series = published();
    const doubted = series.flatMap(({ code, rows }) =>
      judgeSeries(rows, evidence()).suspects.map(({ observation, reason }) => `${code} ${observation.date} ${reason}`),
    );
    expect(series.reduce((sum, { rows }) => sum + rows.length, 0)).toBeGreaterThan(200_000);
    expect(doubted).toEqual([]);
  });

  it('would have been doubted on two of 220,000 occasions, with nothing known of the days after', () => {
    const doubted = published().flatMap(({ code, rows }) =>
      rows.flatMap((today, index) => {
        const before = rows[index - 1];
        const verdict = judgeSeries([today], evidence({ stored: before === undefined ? [] : [before] }));
        return verdict.suspects.map(({ reason }) => `${code} ${today.date} ${reason}`);
      }),
    );
    // The lira was floated overnight; Iceland's banks had failed and trade in the krona began anew.
    expect(doubted).toEqual(['ISK 2008-11-06 jump', 'TRL 2001-02-22 jump']);
  });
});
