import { readFile } from 'node:fs/promises';
import Big from 'big.js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fetchRates, get, until } from '../support/rates.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../support/real-ecb-file.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describeWithRealFile('the real figures of the ECB', () => {
  let server: TestApp;
  let krw: Map<string, number>;

  beforeAll(async () => {
    server = await startTestApp({ env: { ROLE: 'api', RATE_PROVIDERS: 'ecb', ECB_HISTORY_URL: REAL_ECB_FILE } });
    await fetchRates(server, 'ecb');
    await until(
      () => get(server, '/api/exchange-rate/KRW/chart?asOf=2001-12-28'),
      ({ status }) => status === 200,
    );
    const [header = '', ...lines] = (await readFile(REAL_ECB_FILE, 'utf8')).trim().split('\n');
    const column = (code: string) => header.split(',').indexOf(code);
    const cells = lines.map((line) => line.split(',')).filter((row) => row[column('KRW')] !== 'N/A');
    krw = new Map(cells.map((row) => [row[0]!, Number(sixDigits(row[column('KRW')]!, row[column('USD')]!))]));
  }, 60_000);
  afterAll(() => server.stop());

  it.each(['2026-04-13', '2020-02-29', '2009-03-31'])('make the four ranges as of %s', async (asOf) => {
    const { body } = await get(server, `/api/exchange-rate/KRW/chart?asOf=${asOf}`);
    const firstDays: Record<string, [string, string, string, string]> = {
      '2026-04-13': ['2026-01-13', '2025-10-13', '2025-04-13', '2024-04-13'],
      '2020-02-29': ['2019-11-29', '2019-08-29', '2019-02-28', '2018-02-28'],
      '2009-03-31': ['2008-12-31', '2008-09-30', '2008-03-31', '2007-03-31'],
    };
    ['3m', '6m', '1y', '2y'].forEach((range, index) => {
      const from = firstDays[asOf]![index]!;
      const days = [...krw].filter(([date]) => date >= from && date <= asOf).reverse();
      expect(body[range]).toEqual(days.map(([date, rate]) => ({ date, rate })));
      expect(body[range].length).toBeGreaterThan(55);
    });
  });

  it('end with 1489.95 won for the dollar', async () => {
    const { body, headers } = await get(server, '/api/exchange-rate/KRW?asOf=2026-04-13');
    expect(body).toMatchObject({ rate: 1489.95, date: '2026-04-13', provider: 'ecb', stale: false });
    expect(headers.get('x-rates-date')).toBe('2026-04-13');
  });

  it('know when currencies ended', async () => {
    const { body } = await get(server, '/api/exchange-rate/currencies');
    const last = new Map((body as { code: string; last: string }[]).map((entry) => [entry.code, entry.last]));
    expect([last.get('HRK'), last.get('BGN'), last.get('RUB')]).toEqual(['2022-12-30', '2025-12-31', '2022-03-01']);
  });
});

function sixDigits(numerator: string, denominator: string): string {
  return new Precise(numerator).div(new Precise(denominator)).prec(6, Big.roundHalfEven).toFixed();
}

const Precise = Big();
Precise.DP = 60;
