import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JoinLimit } from '../../src/exchange-rate/rate-desk.js';
import type { Environment } from '../../src/platform/config/environment.js';
import { expectedChart, fetchRates, get, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { ECB_ZIP_PATH, startEcbFile, writeEcbFile } from '../support/stand-ins/ecb-file.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const dataset = new Dataset({ from: '2024-01-01', to: '2026-08-07' });
const CHART = '/api/exchange-rate/KRW/chart';
const expected = expectedChart(dataset, 'USD', 'KRW', '2026-08-07');

describe('loading for the first time', () => {
  const clock = new SettableClock('2026-08-07T18:00:00Z');
  const today = () => clock.today();
  const opened: { close(): Promise<void> }[] = [];
  let folder: string;

  beforeAll(() => {
    // Made at the first question; the stand-ins' answers shall be quick ones.
    dataset.blendCodes.forEach((code) => dataset.blend(code));
  });
  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });

  const using = <T extends { close(): Promise<void> }>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  const frankfurterUp = async () => using(await startFrankfurter({ dataset, today }));
  const ecbUp = async () => using(await startEcbFile({ dataset, today }));
  const appWith = async (env: Environment): Promise<TestApp> => {
    const app = await startTestApp({ env, clock });
    using({ close: () => app.stop() });
    return app;
  };
  const temporaryFolder = async () => {
    folder = await mkdtemp(join(tmpdir(), 'hackonomics-ecb-'));
    using({ close: () => rm(folder, { recursive: true }) });
    return folder;
  };
  /** Nobody listens there: port 1 is reserved. */
  const nowhere = 'http://127.0.0.1:1';

  it('asks for the two years of the charts first, then for the rest', async () => {
    const frankfurter = await frankfurterUp();
    const app = await appWith({ RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url });
    await until(
      () => frankfurter.requests.length,
      (count) => count >= 8,
      18_000,
    );
    const spans = frankfurter.requests.map(({ query }) => ({ from: query.from ?? '', to: query.to ?? '' }));
    const recent = spans.filter(({ from }) => from >= '2024-07-24');
    // Years are asked for newest first, the legs and then the blend of each.
    expect(recent).toEqual([
      { from: '2026-01-01', to: '2026-08-07' },
      { from: '2026-01-01', to: '2026-08-07' },
      { from: '2025-01-01', to: '2025-12-31' },
      { from: '2025-01-01', to: '2025-12-31' },
      { from: '2024-07-24', to: '2024-12-31' },
      { from: '2024-07-24', to: '2024-12-31' },
    ]);
    expect(spans.slice(0, recent.length)).toEqual(recent);
    expect(spans[recent.length]?.to).toBe('2024-07-23');
    const urls = frankfurter.requests.map(({ url }) => url);
    expect(new Set(urls).size).toBe(urls.length);
    expect((await get(app, CHART)).body).toEqual(expected);
  });

  it('lets 50 requests join one load', async () => {
    const frankfurter = await frankfurterUp();
    frankfurter.delayMs = 500;
    const app = await appWith({ RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url });
    // Three years of two answers each; a busy machine may take longer than it would be given.
    app.app.get(JoinLimit, { strict: false }).milliseconds = 15_000;
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(app, CHART)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body).toEqual(expected);
    const urls = frankfurter.requests.map(({ url }) => url);
    expect(new Set(urls).size).toBe(urls.length);
    expect(frankfurter.mostInFlight).toBeLessThanOrEqual(2);
  });

  it('never shows half of a load, and asks to come again when it lasts', async () => {
    const frankfurter = await frankfurterUp();
    const plan = frankfurter.plan({ match: /from=2024/, fault: { kind: 'hang' } });
    const env = { ROLE: 'worker', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url, NODE_ENV: 'test' };
    const worker = await appWith(env);
    const api = await startTestApp({ env: { ...env, ROLE: 'api' }, clock, sharing: worker.database });
    using({ close: () => api.stop() });
    api.app.get(JoinLimit, { strict: false }).milliseconds = 100;
    await until(
      () => plan.hits,
      (hits) => hits > 0,
    );
    const answer = await get(api, CHART);
    expect(answer.body).toMatchObject({ status: 503, code: 'rates_not_ready' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await get(api, '/health/ready')).status).toBe(200);
  });

  it.each(['zip by http', 'zip by path', 'csv by path', 'csv by file URL'])(
    'reads the file of the ECB: %s',
    async (how) => {
      const path = join(await temporaryFolder(), how.startsWith('zip') ? 'history.zip' : 'history.csv');
      await writeEcbFile(path, dataset, '2026-08-07');
      const location = how.includes('http')
        ? `${(await ecbUp()).url}${ECB_ZIP_PATH}`
        : how.includes('URL')
          ? `file://${path}`
          : path;
      const app = await appWith({ ROLE: 'api', RATE_PROVIDERS: 'ecb', ECB_HISTORY_URL: location });
      await fetchRates(app, 'ecb');
      const { body, headers } = await get(app, CHART);
      expect(body).toEqual(expected);
      expect(headers.get('x-rates-provider')).toBe('ecb');
    },
  );

  it('reads v1 where that is configured, with the same figures', async () => {
    const frankfurter = await frankfurterUp();
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: `${frankfurter.url}/v1/` };
    const app = await appWith(env);
    await fetchRates(app, 'frankfurter');
    expect((await get(app, CHART)).body).toEqual(expected);
    expect(frankfurter.requests.every(({ url }) => url.startsWith('/v1/') && url.includes('base=EUR'))).toBe(true);
  });

  it('answers by the second source while the first is down, and by the first once it is back', async () => {
    const frankfurter = await frankfurterUp();
    const down = frankfurter.plan({ fault: { kind: 'status', status: 503 } });
    const ecb = await ecbUp();
    const env = { FRANKFURTER_URL: frankfurter.url, ECB_HISTORY_URL: `${ecb.url}${ECB_ZIP_PATH}` };
    const app = await appWith({ ...env, ROLE: 'api', RATE_PROVIDERS: 'frankfurter,ecb' });
    await expect(fetchRates(app, 'frankfurter')).rejects.toThrow('frankfurter: status 503');
    await fetchRates(app, 'ecb');
    const meanwhile = await get(app, CHART);
    expect(meanwhile.headers.get('x-rates-provider')).toBe('ecb');
    expect(meanwhile.body).toEqual(expected);
    expect((await get(app, '/api/exchange-rate/TWD/chart')).body).toMatchObject({ status: 404, code: 'no_data' });
    down.clear();
    clock.advance(60_000);
    await fetchRates(app, 'frankfurter');
    const again = await until(
      () => get(app, CHART),
      ({ headers }) => headers.get('x-rates-provider') === 'frankfurter',
    );
    expect(again.body).toEqual(expected);
    expect((await get(app, '/api/exchange-rate/TWD/chart')).status).toBe(200);
  });

  it('goes on loading one source while another fails', async () => {
    const ecb = await ecbUp();
    const env = { FRANKFURTER_URL: nowhere, ECB_HISTORY_URL: `${ecb.url}${ECB_ZIP_PATH}` };
    const app = await appWith({ ...env, RATE_PROVIDERS: 'frankfurter,ecb' });
    expect((await get(app, CHART)).headers.get('x-rates-provider')).toBe('ecb');
  });

  it('knows what is stored before the first request of the next start', async () => {
    const ecb = await ecbUp();
    const env = { ROLE: 'api', RATE_PROVIDERS: 'ecb', ECB_HISTORY_URL: `${ecb.url}${ECB_ZIP_PATH}` };
    const first = await appWith(env);
    await fetchRates(first, 'ecb');
    await ecb.close();
    const second = await startTestApp({ env, clock, sharing: first.database });
    using({ close: () => second.stop() });
    expect((await get(second, '/api/exchange-rate/currencies')).body).not.toEqual([]);
    expect((await get(second, CHART)).body).toEqual(expected);
  });

  it('takes an answer without any rate for a failure', async () => {
    const empty: StandInServer = using(await startFrankfurter({ dataset: new Dataset({ to: '1999-01-05' }), today }));
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: `${empty.url}/v1` };
    const app = await appWith(env);
    await expect(fetchRates(app, 'frankfurter')).rejects.toThrow('no rate at all from 2024-07-24 to 2026-08-07');
  });
});
