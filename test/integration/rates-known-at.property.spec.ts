import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { currencyCode } from '../../libs/money/currency.js';
import { PastRatesRepository } from '../../src/exchange-rate/storage/past-rates.repository.js';
import { RateSourcesRepository } from '../../src/exchange-rate/storage/rate-sources.repository.js';
import { RatesRepository } from '../../src/exchange-rate/storage/rates.repository.js';
import { isoDate } from '../../src/platform/time/iso-date.js';
import { get, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const PROVIDERS = ['frankfurter', 'ecb'];
const QUOTES = ['KRW', 'USD', 'JPY'];
const DAYS = ['2026-08-03', '2026-08-04', '2026-08-05', '2026-08-06', '2026-08-07'];
const PAIRS = ['KRW', 'JPY', 'KRW?base=EUR', 'EUR?base=JPY'];
const START = '2026-08-10T06:00:00Z';
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

const Precise = Big();
Precise.DP = 60;

/** What was done to the store, in order; `figures` of the same instant and provider go in at once. */
interface Entry {
  readonly at: number;
  readonly provider: string;
  /** Null: from here on the provider can answer. */
  readonly figures: readonly { readonly quote: string; readonly date: string; readonly rate: string }[] | null;
}

/** The answer that a replay of the log up to an instant gives: who answers, with which points. */
function replay(log: readonly Entry[], at: number, base: string, quote: string) {
  for (const provider of PROVIDERS) {
    const entries = log.filter((entry) => entry.at <= at && entry.provider === provider);
    const rates = new Map<string, string>();
    for (const { figures } of entries) {
      for (const { quote: code, date, rate } of figures ?? []) rates.set(`${code} ${date}`, rate);
    }
    const leg = (code: string, date: string) => (code === 'EUR' ? '1' : rates.get(`${code} ${date}`));
    const points = DAYS.flatMap((date) => {
      const [numerator, denominator] = [leg(quote, date), leg(base, date)];
      if (numerator === undefined || denominator === undefined) return [];
      const cross = () => new Precise(numerator).div(new Precise(denominator)).prec(6, Big.roundHalfEven).toFixed();
      return [{ date, rate: Number(base === 'EUR' ? numerator : cross()) }];
    });
    if (entries.some(({ figures }) => figures === null) && points.length > 0) return { provider, points };
  }
  return undefined;
}

describe('answers about the past', () => {
  const clock = new SettableClock(START);
  /** Grows over all runs: what is past stays. */
  const log: Entry[] = [];
  let server: TestApp;
  let rates: RatesRepository;
  let sources: RateSourcesRepository;

  beforeAll(async () => {
    server = await startTestApp({ env: { ROLE: 'api', RATE_PROVIDERS: PROVIDERS.join() }, clock });
    rates = server.app.get(RatesRepository, { strict: false });
    sources = server.app.get(RateSourcesRepository, { strict: false });
  });
  afterAll(() => server.stop());

  const now = () => clock.now().getTime();
  const enter = async (provider: string, figures: Entry['figures']) => {
    if (figures === null) await sources.succeeded(provider, clock.now(), { from: isoDate('2024-01-01'), whole: false });
    else await rates.store(provider, figures.map(observation), clock.now());
    log.push({ at: now(), provider, figures });
  };
  const ask = (pair: string, at: number) => {
    const [quote, query = ''] = pair.split('?');
    return get(server, `/api/exchange-rate/${quote}/chart?knownAt=${new Date(at).toISOString()}&${query}`);
  };
  const expectReplay = async (pair: string, at: number) => {
    const [quote = '', base = 'USD'] = pair.split('?base=');
    const expected = replay(log, at, base, quote);
    const { status, body, headers } = await ask(pair, at);
    if (expected === undefined) return expect({ status, code: body.code }).toEqual({ status: 404, code: 'no_data' });
    expect(body['3m']).toEqual(expected.points);
    return expect(headers.get('x-rates-provider')).toBe(expected.provider);
  };

  it('come from whoever had the series then: the second until the first had been loaded', async () => {
    const first = [{ quote: 'USD', date: '2026-08-06', rate: '1.16' }];
    const both = [...first, { quote: 'KRW', date: '2026-08-06', rate: '1613.2' }];
    await enter('ecb', both);
    // Stored, but not yet all that a chart needs.
    await expectReplay('KRW', now());
    clock.advance(MINUTE_MS);
    await enter('ecb', null);
    clock.advance(MINUTE_MS);
    await enter('frankfurter', null);
    // Loaded, but without a leg of this pair.
    await enter('frankfurter', first);
    clock.advance(MINUTE_MS);
    await enter('frankfurter', both);
    const instants = log.flatMap(({ at }) => [at - 1, at, at + 1]).filter((at) => at <= now());
    for (const at of instants) for (const pair of PAIRS) await expectReplay(pair, at);
    expect((await ask('KRW', now())).headers.get('x-rates-provider')).toBe('frankfurter');
    expect((await ask('KRW', now() - 1)).headers.get('x-rates-provider')).toBe('ecb');
  });

  it('equal a replay of what was stored up to then, and, for now, the plain answer', async () => {
    const figure = fc.record({
      quote: fc.constantFrom(...QUOTES),
      date: fc.constantFrom(...DAYS),
      rate: fc.integer({ min: 1, max: 999_999 }).map((cents) => (cents / 100).toFixed(2)),
    });
    const change = fc.record({
      after: fc.integer({ min: 1, max: 10 * MINUTE_MS }),
      provider: fc.constantFrom(...PROVIDERS),
      figures: fc.array(figure, { minLength: 1, maxLength: 6 }),
    });
    const run = fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 5 }),
      fc.array(fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), pair: fc.constantFrom(...PAIRS) }), {
        minLength: 3,
        maxLength: 6,
      }),
      async (changes, questions) => {
        for (const { after, provider, figures } of changes) {
          clock.advance(after);
          // One row a day, as a source answers.
          await enter(provider, [...new Map(figures.map((row) => [`${row.quote} ${row.date}`, row])).values()]);
        }
        const began = log[0]?.at ?? 0;
        for (const { part, pair } of questions) {
          await expectReplay(pair, Math.floor(began - 1 + part * (now() - began + 1)));
        }
        for (const { at } of log.slice(-changes.length)) {
          for (const instant of [at - 1, at]) await expectReplay('KRW', instant);
        }
        for (const pair of PAIRS) {
          const known = await ask(pair, now());
          const [quote, query = ''] = pair.split('?');
          await until(
            () => get(server, `/api/exchange-rate/${quote}/chart?${query}`),
            // A refusal bears the id of its request.
            ({ status, text }) => status === known.status && (status !== 200 || text === known.text),
          );
        }
      },
    );
    await fc.assert(run, { numRuns: 15 });
  }, 60_000);

  it('count a commit that came late, as long as it can come', async () => {
    clock.advance(DAY_MS);
    const begun = clock.now();
    clock.advance(3 * SECOND_MS);
    const asked = now() - SECOND_MS;
    await ask('KRW', asked);
    await expectReplay('KRW', asked);
    const late = [{ quote: 'KRW', date: '2026-08-07', rate: '1234.5' }];
    await rates.store('frankfurter', late.map(observation), begun);
    log.push({ at: begun.getTime(), provider: 'frankfurter', figures: late });
    await expectReplay('KRW', asked);
    await expectReplay('KRW', begun.getTime() - 1);
  });

  it('are read once for all instants between two corrections', async () => {
    clock.advance(DAY_MS);
    await enter('frankfurter', [{ quote: 'KRW', date: '2026-08-05', rate: '1.5' }]);
    const changed = now();
    clock.advance(DAY_MS);
    const read = jest.spyOn(server.app.get(PastRatesRepository, { strict: false }), 'loadAsKnown');
    try {
      const instants = Array.from({ length: 20 }, (_, index) => changed + index * index * SECOND_MS);
      await Promise.all(instants.map((at) => expectReplay('KRW', at)));
      expect(read).toHaveBeenCalledTimes(1);
      await expectReplay('KRW', changed - 1);
      expect(read).toHaveBeenCalledTimes(2);
    } finally {
      read.mockRestore();
    }
  });
});

function observation({ quote, date, rate }: { quote: string; date: string; rate: string }) {
  return { base: currencyCode('EUR'), quote: currencyCode(quote), date: isoDate(date), rate };
}
