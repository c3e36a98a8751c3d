import { describe, expect, test } from '@jest/globals';
import { Dataset } from './dataset.js';
import { isTargetDay } from './days.js';
import { type Point } from './series.js';

const dataset = new Dataset({ to: '2026-08-07' });

function points(code: string, from = '', to = '9999'): Point[] {
  return dataset.ecb(code)?.between(from, to) ?? [];
}

describe('the synthetic rates', () => {
  test('are the same for the same options, others for another seed, and do not depend on the span', () => {
    const short = new Dataset({ from: '2025-06-01', to: '2025-12-31' });
    expect(short.ecb('KRW')?.between('', '9999')).toEqual(points('KRW', '2025-06-01', '2025-12-31'));
    expect(short.blend('TWD')?.at('2025-07-06')).toEqual(dataset.blend('TWD')?.at('2025-07-06'));
    expect(new Dataset({ to: '2026-08-07', seed: 2 }).ecb('KRW')?.at('2025-07-04')).not.toEqual(
      dataset.ecb('KRW')?.at('2025-07-04'),
    );
  });

  test('stand on TARGET days only, from 1999-01-04 on', () => {
    const days = points('USD').map(({ date }) => date);
    expect(days[0]).toBe('1999-01-04');
    expect(days.at(-1)).toBe('2026-08-07');
    expect(days.every(isTargetDay)).toBe(true);
    for (const holiday of [
      '2024-01-01',
      '2024-03-29',
      '2024-04-01',
      '2024-05-01',
      '2024-12-25',
      '2024-12-26',
      '2001-12-31',
    ]) {
      expect(dataset.ecb('USD')?.at(holiday)).toBeUndefined();
    }
    expect(dataset.ecb('USD')?.at('1999-04-02')).toBeDefined();
    // Counted in the ECB's own file.
    expect(days.filter((day) => day >= '2025-01-01' && day <= '2025-12-31')).toHaveLength(255);
  });

  test.each([
    ['HRK', '2022-12-30'],
    ['BGN', '2025-12-31'],
    ['RUB', '2022-03-01'],
    ['TRL', '2004-12-31'],
  ])('%s ends on %s', (code, last) => {
    expect(points(code).at(-1)?.date).toBe(last);
    expect(dataset.blend(code)?.newest('9999')?.date).toBe(last);
  });

  test('TRY begins on 2005-01-03; ISK is silent from 2008-12-10 to 2018-01-31', () => {
    expect(points('TRY')[0]?.date).toBe('2005-01-03');
    expect(points('ISK', '2008-12-10', '2018-01-31')).toEqual([]);
    expect(dataset.ecb('ISK')?.at('2008-12-09')).toBeDefined();
    expect(dataset.ecb('ISK')?.at('2018-02-01')).toBeDefined();
  });

  test.each([
    ['KRW', 2],
    ['USD', 4],
    ['GBP', 5],
    ['PHP', 3],
    ['ROL', 0],
  ])('%s has at most %i decimals and no trailing zeros', (code, decimals) => {
    const rates = points(code).map(({ rate }) => rate);
    expect(rates.every((rate) => /^\d+(\.\d*[1-9])?$/.test(rate))).toBe(true);
    expect(Math.max(...rates.map((rate) => rate.split('.')[1]?.length ?? 0))).toBe(decimals);
    expect(rates.every((rate) => Number(rate) > 0)).toBe(true);
  });

  test('the blend knows more currencies, weekends and hard pegs, and is a little off the ECB', () => {
    expect(dataset.ecb('TWD')).toBeUndefined();
    for (const code of ['TWD', 'VND', 'COP', 'KWD']) expect(dataset.blend(code)?.at('2026-08-02')).toBeDefined();
    expect(
      new Set(
        dataset
          .blend('AED')
          ?.between('', '9999')
          .map(({ rate }) => rate),
      ),
    ).toEqual(new Set(['3.6725']));
    const blended =
      Number(dataset.blend('EUR')?.at('2026-08-05')?.rate) * Number(dataset.ecb('USD')?.at('2026-08-05')?.rate);
    expect(blended).not.toBe(1);
    expect(Math.abs(blended - 1)).toBeLessThan(0.002);
  });
});

describe('changes between calls', () => {
  test('correct, add and remove', () => {
    const changing = new Dataset({ from: '2026-07-01', to: '2026-07-31' });
    changing.correct('2026-07-15', 'KRW', '1700.50');
    expect(changing.ecb('KRW')?.at('2026-07-15')?.rate).toBe('1700.5');
    changing.correct('2026-07-18', 'TWD', '31');
    expect(changing.blend('TWD')?.at('2026-07-18')?.rate).toBe('31');
    changing.add('2026-08-03', { KRW: '1701.1', USD: '1.2' });
    expect(changing.ecb('KRW')?.newest('9999')).toEqual({ date: '2026-08-03', rate: '1701.1' });
    changing.remove('2026-08-03', 'KRW');
    expect(changing.ecb('KRW')?.newest('9999')?.date).toBe('2026-07-31');
    expect(changing.version).toBe(5);
  });

  test('a correction of nothing, an unknown quote and a word for a rate are refused', () => {
    expect(() => dataset.correct('2026-08-02', 'KRW', '1')).toThrow('no KRW rate of 2026-08-02');
    expect(() => dataset.add('2026-08-03', { QQQ: '1' })).toThrow('no such quote');
    expect(() => dataset.add('2026-08-03', { KRW: 'N/A' })).toThrow('not a plain decimal');
    expect(() => new Dataset({ to: '2026-02-30' })).toThrow('not a day');
  });
});
