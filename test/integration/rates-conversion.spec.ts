import Big from 'big.js';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../libs/money/currency.js';
import { minorUnits } from '../../libs/money/minor-units.js';
import { ConversionService } from '../../src/exchange-rate/conversion.service.js';
import { fetchRates, get, until } from '../support/rates.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../support/real-ecb-file.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const Precise = Big();
Precise.DP = 80;

const digits = fc.integer({ min: 0, max: 999_999_999_999 });
const someAmount = fc
  .tuple(digits, fc.integer({ min: 0, max: 9_999_999_999 }), fc.integer({ min: 0, max: 10 }))
  .map(([whole, part, places]) =>
    places === 0 ? `${whole}` : `${whole}.${String(part).padStart(10, '0').slice(0, places)}`,
  );
const convertPath = (from: string, to: string, amount: string, rest = '') =>
  `/api/exchange-rate/convert?from=${from}&to=${to}&amount=${encodeURIComponent(amount)}${rest}`;
const inUnits = (value: Big, to: string) => value.toFixed(minorUnits(currencyCode(to)), Big.roundHalfEven);

describe('conversion', () => {
  const dataset = new Dataset({ from: '2022-02-01', to: '2026-08-07' });
  const ECB = ['USD', 'EUR', 'KRW', 'JPY', 'GBP', 'INR', 'MXN', 'HUF', 'ISK', 'IDR'];
  let frankfurter: StandInServer;
  let server: TestApp;

  beforeAll(async () => {
    const clock = new SettableClock('2026-08-07T18:00:00Z');
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
    server = await startTestApp({ env, clock });
    await fetchRates(server, 'frankfurter');
    await until(
      () => get(server, convertPath('USD', 'KRW', '1', '&date=2022-02-15')),
      ({ status }) => status === 200,
    );
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
  });

  const leg = (code: string, date: string) =>
    new Precise(code === 'EUR' ? '1' : (dataset.ecb(code)!.newest(date)?.rate ?? '0'));
  const exactRate = (from: string, to: string, date = '2026-08-07') => leg(to, date).div(leg(from, date));
  const convert = (from: string, to: string, amount: string, date?: string) =>
    server.app.get(ConversionService, { strict: false }).convert({ from, to, amount, ...(date && { date }) });

  it('says amount, result, rate, and where they come from', async () => {
    const { status, body, headers } = await get(server, convertPath('eur', 'krw', '1234.50'));
    const rate = dataset.ecb('KRW')!.at('2026-08-07')!.rate;
    expect(status).toBe(200);
    expect(body).toEqual({
      from: 'EUR',
      to: 'KRW',
      amount: '1234.50',
      result: new Precise('1234.50').times(rate).toFixed(0, Big.roundHalfEven),
      rate: Number(rate),
      date: '2026-08-07',
      provider: 'frankfurter',
      stale: false,
    });
    expect(Object.keys(body)).toEqual(['from', 'to', 'amount', 'result', 'rate', 'date', 'provider', 'stale']);
    expect(headers.get('x-rates-provider')).toBe('frankfurter');
    expect(headers.get('x-rates-date')).toBe('2026-08-07');
    expect(headers.get('x-rates-stale')).toBe('false');
    expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
  });

  it.each([
    ['KRW', 'JPY', 0],
    ['USD', 'KRW', 0],
    ['KRW', 'USD', 2],
    ['JPY', 'HUF', 2],
    ['INR', 'MXN', 2],
    ['GBP', 'EUR', 2],
  ])('crosses %s to %s from the unrounded legs, in %i decimals', async (from, to, decimals) => {
    const amount = '999999999999999.9999999999';
    const { body } = await get(server, convertPath(from, to, amount));
    const exact = exactRate(from, to);
    expect(body.result).toBe(new Precise(amount).times(exact).toFixed(decimals, Big.roundHalfEven));
    expect(body.rate).toBe(Number(from === 'EUR' ? exact : exact.prec(6, Big.roundHalfEven)));
    // The rounded rate would not do: an amount as large shows what it lost.
    if (from !== 'EUR') expect(body.result).not.toBe(inUnits(new Precise(amount).times(body.rate), to));
  });

  it('knows three minor units, and currencies that only a blend has', async () => {
    const dollars = (await get(server, convertPath('USD', 'KWD', '1000'))).body;
    const published = dataset.blend('KWD')!.newest('2026-08-07')!.rate;
    expect(dollars.result).toBe(new Precise(1000).times(published).toFixed(3, Big.roundHalfEven));
    const euros = (await get(server, convertPath('EUR', 'KWD', '1000'))).body;
    const exact = new Precise(1000).times(published).times(leg('USD', '2026-08-07'));
    expect(euros.result).toBe(exact.toFixed(3, Big.roundHalfEven));
  });

  it('converts nothing into nothing, in minor units', async () => {
    expect((await get(server, convertPath('KRW', 'USD', '0'))).body).toMatchObject({ amount: '0', result: '0.00' });
    expect((await get(server, convertPath('USD', 'KRW', '0.00'))).body).toMatchObject({ amount: '0.00', result: '0' });
  });

  it('uses the rate that stood on the day, and says its date', async () => {
    for (const [date, stood] of [
      ['2024-02-29', '2024-02-29'],
      ['2026-08-02', '2026-07-31'],
      ['2025-12-26', '2025-12-24'],
      ['2024-01-01', '2023-12-29'],
    ] as const) {
      const { body, headers } = await get(server, convertPath('USD', 'KRW', '1000000', `&date=${date}`));
      expect(body).toMatchObject({ date: stood, stale: false });
      expect(body.result).toBe(inUnits(new Precise(1_000_000).times(exactRate('USD', 'KRW', stood)), 'KRW'));
      expect(headers.get('x-rates-date')).toBe(stood);
    }
  });

  it('takes no rate that is older than 14 days for a day that is named, and the newest at any age without', async () => {
    const rubles = async (rest: string) =>
      (await get(server, convertPath('USD', 'RUB', '1', rest))).body as Record<string, unknown>;
    expect(await rubles('&date=2022-03-15')).toMatchObject({ date: '2022-03-01', stale: true });
    expect(await rubles('&date=2022-03-16')).toMatchObject({ status: 404, code: 'no_data' });
    expect(await rubles('')).toMatchObject({ date: '2022-03-01', stale: true });
    expect((await get(server, convertPath('USD', 'KRW', '1', '&date=2026-08-21'))).body.date).toBe('2026-08-07');
    expect((await get(server, convertPath('USD', 'KRW', '1', '&date=2026-08-22'))).body).toMatchObject({
      status: 404,
      code: 'no_data',
    });
    expect((await get(server, convertPath('USD', 'KRW', '1', '&date=1999-01-01'))).body).toMatchObject({
      status: 404,
      code: 'no_data',
    });
  });

  it('converts a closed currency on days on which it lived', async () => {
    const { body } = await get(server, convertPath('HRK', 'USD', '753.45', '&date=2022-12-15'));
    expect(body.result).toBe(inUnits(new Precise('753.45').times(exactRate('HRK', 'USD', '2022-12-15')), 'USD'));
    for (const path of [convertPath('HRK', 'EUR', '1'), convertPath('EUR', 'HRK', '1', '&date=2023-01-01')]) {
      const closed = await get(server, path);
      expect(closed.body).toMatchObject({ status: 410, code: 'discontinued' });
      expect(closed.body.detail).toContain('2022-12-30');
    }
  });

  const amounts: [what: string, amount: string][] = [
    ['a negative one', '-1'],
    ['an exponent', '1e400'],
    ['digits of another script', '١٢٣'],
    ['200 digits', '9'.repeat(200)],
    ['a space', '1 000'],
    ['a space before it', ' 1'],
    ['a comma', '1,000.00'],
    ['nothing', ''],
    ['a word', 'NaN'],
    ['a line end', '1\n'],
    ['eleven decimals', '0.12345678901'],
  ];
  it.each(amounts)('refuses as amount %s', async (_, amount) => {
    const { body, text } = await get(server, convertPath('USD', 'KRW', amount));
    expect(body).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(body.errors).toEqual([{ field: 'amount', message: expect.stringContaining('plain digits') }]);
    if (amount.length > 5) expect(text).not.toContain(amount);
  });

  const problems: { what: string; query: string; status: number; code: string; field?: string }[] = [
    { what: 'no amount', query: 'from=USD&to=KRW', status: 400, code: 'invalid_request', field: 'amount' },
    {
      what: 'two amounts',
      query: 'from=USD&to=KRW&amount=1&amount=2',
      status: 400,
      code: 'invalid_request',
      field: 'amount',
    },
    { what: 'no source', query: 'to=KRW&amount=1', status: 400, code: 'invalid_request', field: 'from' },
    { what: 'no target', query: 'from=USD&amount=1', status: 400, code: 'invalid_request', field: 'to' },
    {
      what: 'a currency of four letters',
      query: 'from=USD&to=EURO&amount=1',
      status: 400,
      code: 'invalid_request',
      field: 'to',
    },
    {
      what: 'an unknown source',
      query: 'from=XQZ&to=KRW&amount=1',
      status: 404,
      code: 'currency_unknown',
      field: 'from',
    },
    {
      what: 'an unknown target',
      query: 'from=USD&to=XQZ&amount=1',
      status: 404,
      code: 'currency_unknown',
      field: 'to',
    },
    { what: 'a currency without rates', query: 'from=USD&to=BYN&amount=1', status: 404, code: 'no_data' },
    { what: 'a currency into itself', query: 'from=EUR&to=eur&amount=1', status: 409, code: 'currency_is_base' },
    {
      what: 'a day that is none',
      query: 'from=USD&to=KRW&amount=1&date=2026-02-29',
      status: 400,
      code: 'invalid_request',
      field: 'date',
    },
    {
      what: 'asOf, which is named date here',
      query: 'from=USD&to=KRW&amount=1&asOf=2026-02-27',
      status: 400,
      code: 'invalid_request',
      field: 'asOf',
    },
  ];
  it.each(problems)('refuses $what', async ({ query, status, code, field }) => {
    const answer = await get(server, `/api/exchange-rate/convert?${query}`);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.body.errors).toEqual(field === undefined ? undefined : [{ field, message: expect.any(String) }]);
  });

  it('answers HEAD, and 304 to whoever has the answer', async () => {
    const path = convertPath('USD', 'KRW', '1');
    const head = await fetch(`${server.url}${path}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('x-rates-date')]).toEqual([200, '2026-08-07']);
    const etag = (await get(server, path)).headers.get('etag') ?? '';
    expect((await get(server, path, { 'if-none-match': etag, 'cache-control': 'max-age=0' })).status).toBe(304);
  });

  // Last: they keep this process busy, and connections that are kept open meanwhile run out of time.
  it('law: agrees with another arithmetic on any amount, day and pair', async () => {
    const days = dataset
      .ecb('USD')!
      .between('2022-02-01', '2026-08-07')
      .map(({ date }) => date);
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...ECB), { minLength: 2, maxLength: 2 }),
      fc.constantFrom(...days),
      someAmount,
      async ([from = '', to = ''], date, amount) => {
        const { body } = await convert(from, to, amount, date);
        expect(body.result).toBe(inUnits(new Precise(amount).times(exactRate(from, to, date)), to));
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it('law: there and back again is within half a minor unit, at the rate back, and the last rounding', async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...ECB), { minLength: 2, maxLength: 2 }),
      someAmount,
      async ([from = '', to = ''], amount) => {
        const there = (await convert(from, to, amount)).body.result;
        fc.pre(/^\d{1,15}(\.|$)/.test(there));
        const back = (await convert(to, from, there)).body.result;
        const half = (code: string) => new Precise(10).pow(-minorUnits(currencyCode(code))).div(2);
        const slack = half(to).times(exactRate(to, from)).plus(half(from)).plus('1e-30');
        expect(new Precise(back).minus(amount).abs().lte(slack)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it('law: more is never less, and N times the amount is N times the result but for the rounding', async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...ECB), { minLength: 2, maxLength: 2 }),
      fc.integer({ min: 0, max: 9_999_999 }),
      fc.integer({ min: 1, max: 1_000 }),
      async ([from = '', to = ''], cents, times) => {
        const amount = new Precise(cents).div(100);
        const once = new Precise((await convert(from, to, amount.toFixed(2))).body.result);
        const often = new Precise((await convert(from, to, amount.times(times).toFixed(2))).body.result);
        const half = new Precise(10).pow(-minorUnits(currencyCode(to))).div(2);
        expect(
          often
            .minus(once.times(times))
            .abs()
            .lte(half.times(times + 1)),
        ).toBe(true);
        expect(often.gte(once)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});

describeWithRealFile('conversion at the real figures of the ECB', () => {
  let server: TestApp;
  let legs: Map<string, Map<string, string>>;

  beforeAll(async () => {
    server = await startTestApp({ env: { ROLE: 'api', RATE_PROVIDERS: 'ecb', ECB_HISTORY_URL: REAL_ECB_FILE } });
    await fetchRates(server, 'ecb');
    await until(
      () => get(server, convertPath('USD', 'KRW', '1', '&date=2001-12-28')),
      ({ status }) => status === 200,
    );
    const [header = '', ...lines] = (await readFile(REAL_ECB_FILE, 'utf8')).trim().split('\n');
    const codes = header.split(',');
    legs = new Map(
      lines.map((line) => {
        const cells = line.split(',').map((cell, column): [string, string] => [codes[column] ?? '', cell]);
        return [cells[0]?.[1] ?? '', new Map([...cells.slice(1).filter(([, cell]) => /^\d/.test(cell)), ['EUR', '1']])];
      }),
    );
  }, 60_000);
  afterAll(() => server.stop());

  it('agrees with another arithmetic on any amount, day and pair', async () => {
    const service = server.app.get(ConversionService, { strict: false });
    const property = fc.asyncProperty(
      fc.constantFrom(...legs.keys()),
      fc.nat(),
      fc.nat(),
      someAmount,
      async (date, first, second, amount) => {
        const published = [...legs.get(date)!.keys()];
        const [from, to] = [published[first % published.length]!, published[second % published.length]!];
        fc.pre(from !== to);
        const exact = new Precise(legs.get(date)!.get(to)!).div(legs.get(date)!.get(from)!);
        const { body } = await service.convert({ from, to, amount, date });
        expect(body).toMatchObject({ date, result: inUnits(new Precise(amount).times(exact), to) });
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  it('makes 1489.95 won of a dollar, and not just a million times that of a million of them', async () => {
    const { body } = await get(server, convertPath('USD', 'KRW', '1000000', '&date=2026-04-13'));
    const exact = new Precise(legs.get('2026-04-13')!.get('KRW')!).div(legs.get('2026-04-13')!.get('USD')!);
    expect(body).toMatchObject({ rate: 1489.95, result: exact.times(1_000_000).toFixed(0, Big.roundHalfEven) });
    expect(body.result).not.toBe('1489950000');
  });
});
