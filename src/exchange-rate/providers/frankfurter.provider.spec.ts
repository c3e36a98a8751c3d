import { HttpService } from '@nestjs/axios';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { currencyCode } from '../../../libs/money/currency.js';
import { Dataset } from '../../../test/support/stand-ins/dataset.js';
import { startFrankfurter } from '../../../test/support/stand-ins/frankfurter.js';
import { type Handler, StandInServer } from '../../../test/support/stand-ins/server.js';
import { Clock } from '../../platform/time/clock.js';
import { isoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import { FrankfurterProvider } from './frankfurter.provider.js';
import { collect, CONTRACT_TODAY, describeRateProvider, type ProviderUnderTest } from './provider.contract.js';

class FixedClock extends Clock {
  now(): Date {
    return new Date(`${CONTRACT_TODAY}T12:00:00Z`);
  }
}

const dataset = new Dataset({ from: '2020-12-01', to: CONTRACT_TODAY });

const EUR = currencyCode('EUR');
const USD = currencyCode('USD');
const KRW = currencyCode('KRW');
const TWD = currencyCode('TWD');

describe('FrankfurterProvider', () => {
  const upstream = new UpstreamClient(new HttpService());
  const open: StandInServer[] = [];

  const providerAt = (frankfurterUrl: string): FrankfurterProvider =>
    new FrankfurterProvider({ frankfurterUrl, ecbHistoryUrl: '', rateProviders: [] }, upstream, new FixedClock());

  const faithful = async (): Promise<StandInServer> => {
    const server = await startFrankfurter({ dataset, today: () => CONTRACT_TODAY });
    open.push(server);
    return server;
  };

  const answering = async (handler: Handler): Promise<StandInServer> => {
    const server = await StandInServer.start(handler);
    open.push(server);
    return server;
  };

  afterEach(async () => {
    upstream.onApplicationShutdown();
    await Promise.all(open.splice(0).map((server) => server.close()));
  });

  const underTest = (path: string) => async (): Promise<ProviderUnderTest> => {
    const server = await faithful();
    return {
      provider: providerAt(`${server.url}${path}`),
      spoil: () => void server.plan({ fault: { kind: 'half', cut: 'clean' } }),
      close: () => server.close(),
    };
  };

  describeRateProvider('frankfurter v2', underTest(''));
  describeRateProvider('frankfurter v1', underTest('/v1'));

  describe('v2', () => {
    let server: StandInServer;
    let provider: FrankfurterProvider;

    beforeEach(async () => {
      server = await faithful();
      provider = providerAt(`${server.url}/`);
    });

    it('is asked under /v2, whether the URL says so or not', async () => {
      await collect(providerAt(`${server.url}/v2/`), { from: isoDate('2025-05-01'), to: isoDate('2025-05-02') });
      await collect(provider, { from: isoDate('2025-05-01'), to: isoDate('2025-05-02') });
      expect(server.requests.map(({ path }) => path)).toEqual(Array(4).fill('/v2/rates'));
    });

    it('takes ECB currencies as euro legs with the published digits, all others from the blend', async () => {
      const rows = await collect(provider, { from: isoDate('2025-03-03'), to: isoDate('2025-03-03') });
      const of = (quote: string): Observation[] => rows.filter((row) => row.quote === quote);
      expect(of('KRW')).toEqual([
        { base: EUR, quote: KRW, date: '2025-03-03', rate: dataset.ecb('KRW')?.at('2025-03-03')?.rate },
      ]);
      expect(of('TWD')).toEqual([
        { base: USD, quote: TWD, date: '2025-03-03', rate: dataset.blend('TWD')?.at('2025-03-03')?.rate },
      ]);
      expect(of('USD').map(({ base }) => base)).toEqual([EUR]);
      expect(of('EUR')).toEqual([]);
    });

    it('asks year by year, newest first, for legs and blend at once', async () => {
      await collect(provider, { from: isoDate('2023-11-20'), to: isoDate('2025-02-10') });
      const asked = server.requests.map(({ query: { base, from, to } }) => `${from ?? ''} ${to ?? ''} ${base ?? ''}`);
      // Which of the two of a year arrives first is up to the network.
      const byYear = [0, 2, 4].flatMap((first) => asked.slice(first, first + 2).sort());
      expect(byYear).toEqual([
        '2025-01-01 2025-02-10 EUR',
        '2025-01-01 2025-02-10 USD',
        '2024-01-01 2024-12-31 EUR',
        '2024-01-01 2024-12-31 USD',
        '2023-11-20 2023-12-31 EUR',
        '2023-11-20 2023-12-31 USD',
      ]);
      expect(asked).toHaveLength(6);
    });

    it('does not take holidays for the absence of a currency', async () => {
      const rows = await collect(provider, { from: isoDate('2025-01-01'), to: isoDate('2025-01-01') });
      expect(rows.filter(({ quote }) => quote === 'KRW')).toEqual([]);
      expect(rows.filter(({ quote }) => quote === 'TWD')).not.toEqual([]);
      expect(server.requests.find(({ query }) => query.base === 'EUR')?.query.from).toBe('2024-12-19');
    });

    it('goes on with the blend where the ECB stopped quoting a currency, and not where all of the ECB is silent', async () => {
      const line = (base: string, quote: string, date: string) => JSON.stringify({ date, base, quote, rate: 2 });
      const legs = [
        ...['2022-01-03', '2022-03-01', '2022-11-30'].flatMap((date) => [
          line('EUR', 'USD', date),
          line('EUR', 'KRW', date),
        ]),
        ...['2022-01-03', '2022-03-01'].map((date) => line('EUR', 'RUB', date)),
      ];
      const blend = ['2022-02-28', '2022-03-02', '2022-12-30'].flatMap((date) => [
        line('USD', 'RUB', date),
        line('USD', 'KRW', date),
      ]);
      const stopped = await answering(({ query }) => {
        return { status: 200, body: `${(query.base === 'EUR' ? legs : blend).join('\n')}\n` };
      });
      const rows = await collect(providerAt(stopped.url), { from: isoDate('2022-01-01'), to: isoDate('2022-12-31') });
      const blended = rows.filter(({ base }) => base === USD).map(({ quote, date }) => `${quote} ${date}`);
      expect(blended).toEqual(['RUB 2022-03-02', 'RUB 2022-12-30']);
    });

    it('passes wanted quotes on, and asks for no blend where the ECB has them all', async () => {
      const range = { from: isoDate('2025-03-03'), to: isoDate('2025-03-07') };
      expect(await collect(provider, { ...range, quotes: [KRW, EUR] })).toHaveLength(5);
      expect(server.requests.map(({ query }) => query.quotes)).toEqual(['USD,KRW']);
      await collect(provider, { ...range, quotes: [KRW, TWD] });
      expect(server.requests.slice(1).map(({ query }) => query.quotes)).toEqual(['USD,KRW,TWD', 'TWD']);
    });

    it('yields weekend rows of the blend as they are', async () => {
      const rows = await collect(provider, { from: isoDate('2025-03-08'), to: isoDate('2025-03-09') });
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map(({ base }) => base))).toEqual(new Set([USD]));
    });

    it('keeps legs that came whole when the blend fails', async () => {
      server.plan({ match: /base=USD/, fault: { kind: 'status', status: 503, headers: { 'retry-after': '5' } } });
      const rows: Observation[] = [];
      const read = async (): Promise<void> => {
        for await (const row of provider.observations({ from: isoDate('2025-03-03'), to: isoDate('2025-03-03') }))
          rows.push(row);
      };
      await expect(read()).rejects.toMatchObject({ name: 'UpstreamError', status: 503, retryAfter: 5 });
      expect(rows.length).toBeGreaterThan(20);
    });

    it('yields nothing before the coverage of the server, and refuses a silence of the ECB today', async () => {
      expect(await collect(provider, { from: isoDate('2019-01-01'), to: isoDate('2019-12-31') })).toEqual([]);
      const silent = await answering(() => ({ status: 200, body: '' }));
      await expect(
        collect(providerAt(silent.url), { from: isoDate('2025-05-01'), to: CONTRACT_TODAY }),
      ).rejects.toMatchObject({ name: 'ProviderError', kind: 'unavailable', retryable: true });
    });
  });

  describe('a v2 line', () => {
    const line = (rate: string, more: Record<string, string> = {}): string => {
      const row = { date: '2025-03-03', base: 'EUR', quote: 'KRW', ...more };
      return `${JSON.stringify(row).slice(0, -1)},"rate":${rate}}\n`;
    };
    const read = async (body: string): Promise<Observation[]> => {
      const server = await answering(() => ({
        status: 200,
        headers: { 'content-type': 'application/x-ndjson' },
        body,
      }));
      return collect(providerAt(server.url), { from: isoDate('2025-03-03'), to: isoDate('2025-03-03'), quotes: [KRW] });
    };

    it.each([
      ['1520.10', '1520.10'],
      ['1500', '1500'],
      ['4.60e-05', '0.0000460'],
      ['0.84063', '0.84063'],
    ])('with the rate %s keeps its digits: %s', async (published, kept) => {
      expect((await read(line(published))).map(({ rate }) => rate)).toEqual([kept]);
    });

    it.each(['0', '0.0', '-1.5', '-0', 'null', '"1520.1"', '"N/A"', '[1]', 'true', '1e999', '1.2345678901234567'])(
      'with the rate %s refuses the answer, naming date and quote',
      async (rate) => {
        await expect(read(line('1500', { date: '2025-03-02' }) + line(rate))).rejects.toMatchObject({
          name: 'ProviderError',
          kind: 'malformed',
          message: expect.stringMatching(/KRW on 2025-03-03/),
        });
      },
    );

    it.each([
      ['that is no JSON', '{"date":"2025-03'],
      ['that is no object', '[]'],
      ['that is an error in the middle of the answer', '{"status":503,"message":"timeout"}'],
      ['of a day that does not exist', line('1', { date: '2025-02-30' })],
      ['of a quote that is no code', line('1', { quote: 'won' + 'won' })],
      ['of another base', line('1', { base: 'USD' })],
    ])('%s refuses the answer', async (_what, bad) => {
      await expect(read(line('1500') + bad)).rejects.toMatchObject({ name: 'ProviderError', kind: 'malformed' });
    });

    it('never reaches the message as it is', async () => {
      await expect(read(line(`"${'x'.repeat(5000)}\\u001b[31m"`))).rejects.toMatchObject({
        message: expect.stringMatching(/^[\x20-\x7e]{1,120}$/),
      });
    });
  });

  describe('v1', () => {
    let server: StandInServer;
    let provider: FrankfurterProvider;

    beforeEach(async () => {
      server = await faithful();
      provider = providerAt(`${server.url}/v1`);
    });

    it('yields euro legs alone, with the published digits', async () => {
      const rows = await collect(provider, { from: isoDate('2025-03-03'), to: isoDate('2025-03-03') });
      expect(new Set(rows.map(({ base }) => base))).toEqual(new Set([EUR]));
      expect(rows.find(({ quote }) => quote === 'KRW')?.rate).toBe(dataset.ecb('KRW')?.at('2025-03-03')?.rate);
      expect(server.requests[0]?.url).toBe('/v1/2025-03-03..2025-03-03?base=EUR');
    });

    it('drops the rows before a range whose start is silent', async () => {
      const rows = await collect(provider, { from: isoDate('2024-01-01'), to: isoDate('2024-01-02') });
      expect(new Set(rows.map(({ date }) => date))).toEqual(new Set(['2024-01-02']));
    });

    it('takes 404 for no rows, where it is Frankfurter’s', async () => {
      expect(await collect(provider, { from: isoDate('2001-01-01'), to: isoDate('2001-02-01') })).toEqual([]);
      expect(server.requests).toHaveLength(1);
      server.plan({ fault: { kind: 'status', status: 404, body: { message: 'no such route' } } });
      await expect(collect(provider, { from: isoDate('2025-03-03'), to: isoDate('2025-03-03') })).rejects.toMatchObject(
        {
          kind: 'malformed',
        },
      );
    });

    it('takes 422 for a failure that may pass', async () => {
      server.plan({ fault: { kind: 'status', status: 422, body: { status: 422, message: 'invalid date' } } });
      await expect(collect(provider, { from: isoDate('2025-03-03'), to: isoDate('2025-03-03') })).rejects.toMatchObject(
        {
          name: 'ProviderError',
          kind: 'unavailable',
          retryable: true,
        },
      );
    });

    it.each([
      ['{"amount":1.0,"base":"EUR","rates":{"2025-03-03":{"KRW":0}}}', /KRW on 2025-03-03/],
      ['{"amount":1.0,"base":"EUR","rates":{"2025-03-03":{"KRW":"1500"}}}', /KRW on 2025-03-03/],
      ['{"amount":1.0,"base":"EUR","rates":{"2025-03-03":1500}}', /2025-03-03/],
      ['{"amount":1.0,"base":"EUR","rates":{"someday":{"KRW":1500}}}', /date/],
      ['{"amount":1.0,"base":"USD","rates":{"2025-03-03":{"KRW":1500}}}', /base/],
      ['{"amount":2.0,"base":"EUR","rates":{"2025-03-03":{"KRW":3000}}}', /amount/],
      ['{"amount":1.0,"base":"EUR"}', /without rates/],
      ['[]', /without rates/],
    ])('refuses %s', async (body, message) => {
      const bad = await answering(() => ({ status: 200, body }));
      await expect(
        collect(providerAt(`${bad.url}/v1`), { from: isoDate('2025-03-03'), to: isoDate('2025-03-03') }),
      ).rejects.toMatchObject({ name: 'ProviderError', kind: 'malformed', message: expect.stringMatching(message) });
    });

    it('keeps the digits as they are written', async () => {
      const body = '{"amount":1.0,"base":"EUR","rates":{"2025-03-03":{"KRW":1500.10,"USD":1.10}}}';
      const exact = await answering(() => ({ status: 200, body }));
      const rows = await collect(providerAt(`${exact.url}/v1`), {
        from: isoDate('2025-03-03'),
        to: isoDate('2025-03-03'),
      });
      expect(rows.map(({ rate }) => rate)).toEqual(['1500.10', '1.10']);
    });
  });
});
