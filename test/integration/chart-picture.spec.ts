import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchRates, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const dataset = new Dataset({ from: '2020-10-01', to: '2026-08-07' });

interface Picture {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

describe('the picture of a pair', () => {
  const clock = new SettableClock('2026-08-07T18:00:00Z');
  let frankfurter: StandInServer;
  let server: TestApp;
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<Picture> => {
    const response = await fetch(`${server.url}/api/exchange-rate/${path}`, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
    server = await startTestApp({ env, clock });
    await fetchRates(server, 'frankfurter');
    await until(
      () => ask('KRW?asOf=2022-12-15'),
      ({ status }) => status === 200,
      30_000,
    );
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await frankfurter.close();
  });

  it('is an SVG that pages of others may show, and that runs nothing when it is opened', async () => {
    const { status, headers, text } = await ask('krw/chart.svg');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
    expect(headers.get('cache-control')).toBe('public, max-age=21600');
    expect(headers.get('x-rates-provider')).toBe('frankfurter');
    expect(headers.get('x-rates-date')).toBe('2026-08-07');
    expect(headers.get('x-rates-stale')).toBe('false');
    expect(text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>\n$/);
    expect(text).toContain('South Korean Won for one US Dollar, 7 Aug 2026');
    expect(text).toContain('Source: Frankfurter. Reference rates, for information only.');
  });

  it('shows the newest rate of the very chart, and as many observations', async () => {
    const chart = JSON.parse((await ask('KRW/chart')).text) as Record<string, { date: string; rate: number }[]>;
    for (const range of ['3m', '6m', '1y', '2y']) {
      const { text } = await ask(`KRW/chart.svg?range=${range}`);
      const newest = String(chart[range]!.at(-1)!.rate).replace(/^(\d)(\d{3})\b/, '$1\u202F$2');
      expect(text).toContain(`>1 USD = ${newest} KRW<`);
      expect(text).toContain(`, ${chart[range]!.length} observations.`);
    }
  });

  it('is one year and light unless asked otherwise, and the same bytes each time', async () => {
    const plain = await ask('KRW/chart.svg');
    expect((await ask('KRW/chart.svg?range=1y&theme=light')).text).toBe(plain.text);
    expect((await ask('KRW/chart.svg?theme=dark')).text).not.toBe(plain.text);
    const etag = plain.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"/);
    const again = await ask('KRW/chart.svg', { 'if-none-match': etag, 'cache-control': 'max-age=0' });
    expect(again.status).toBe(304);
    expect(again.headers.get('x-rates-date')).toBe('2026-08-07');
    expect(again.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });

  it('has any base, and uses nothing later than asOf', async () => {
    const { text, headers } = await ask('KRW/chart.svg?base=eur&asOf=2022-12-15&range=3m');
    expect(text).toContain(`>1 EUR = ${dataset.ecb('KRW')!.at('2022-12-15')!.rate.replace(/^(\d)/, '$1\u202F')} KRW<`);
    expect(headers.get('x-rates-date')).toBe('2022-12-15');
    expect((await ask('HRK/chart.svg?asOf=2022-12-15')).status).toBe(200);
  });

  it('says that it is stale', async () => {
    const { text, headers } = await ask('KRW/chart.svg');
    expect([text.includes('Stale'), headers.get('x-rates-stale')]).toEqual([false, 'false']);
    clock.set('2026-08-12T18:00:00Z');
    try {
      const later = await ask('KRW/chart.svg');
      expect([later.text.includes('Stale: a newer rate is due'), later.headers.get('x-rates-stale')]).toEqual([
        true,
        'true',
      ]);
    } finally {
      clock.set('2026-08-07T18:00:00Z');
    }
  });

  it.each([
    ['XQZ/chart.svg', 404, 'currency_unknown'],
    ['%3Cscript%3E/chart.svg', 404, 'currency_unknown'],
    ['BYN/chart.svg', 404, 'no_data'],
    ['KRW/chart.svg?asOf=1998-06-01', 404, 'no_data'],
    ['KRW/chart.svg?range=3m&asOf=2027-01-15', 404, 'no_data'],
    ['HRK/chart.svg', 410, 'discontinued'],
    ['USD/chart.svg', 409, 'currency_is_base'],
    ['KRW/chart.svg?range=5y', 400, 'invalid_request'],
    ['KRW/chart.svg?range=', 400, 'invalid_request'],
    ['KRW/chart.svg?range=1y&range=2y', 400, 'invalid_request'],
    ['KRW/chart.svg?theme=%22%3E%3Cscript%3E', 400, 'invalid_request'],
    ['KRW/chart.svg?theme=constructor', 400, 'invalid_request'],
    ['KRW/chart.svg?asOf=2026-02-29', 400, 'invalid_request'],
    ['KRW/chart.svg?width=9999', 400, 'invalid_request'],
  ])('refuses %s: %i %s', async (path, status, code) => {
    const answer = await ask(path);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(answer.text)).toMatchObject({ status, code });
  });
});

describe('the picture of made-up rates', () => {
  it('is marked in red, and kept by nobody', async () => {
    const frankfurter = await startFrankfurter({ dataset });
    const url = frankfurter.url;
    await frankfurter.close();
    const server = await startTestApp({ env: { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: url } });
    try {
      await expect(fetchRates(server, 'frankfurter')).rejects.toThrow();
      const answer = await until(
        async () => {
          const response = await fetch(`${server.url}/api/exchange-rate/KRW/chart.svg`);
          return { status: response.status, headers: response.headers, text: await response.text() };
        },
        ({ status }) => status === 200,
      );
      expect(answer.headers.get('x-rates-provider')).toBe('sample');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.text).toMatch(/fill="#c5221f">SAMPLE: made up, not real rates</);
    } finally {
      await server.stop();
    }
  });
});
