import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectedChart, fetchRates, get, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const CHART = '/api/exchange-rate/KRW/chart';

describe('two replicas on one database', () => {
  const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
  const clock = new SettableClock('2026-08-07T18:00:00Z');
  let frankfurter: StandInServer;
  let worker: TestApp;
  let api: TestApp;

  beforeAll(async () => {
    frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const env = { RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: `${frankfurter.url}/v1` };
    worker = await startTestApp({ env: { ...env, ROLE: 'worker' }, clock });
    api = await startTestApp({ env: { ...env, ROLE: 'api' }, clock, sharing: worker.database });
    await until(
      () => get(api, CHART),
      ({ status }) => status === 200,
    );
  });
  afterAll(async () => {
    await api.stop();
    await worker.stop();
    await frankfurter.close();
  });

  /** Corrects a figure, lets the worker fetch it, and waits until the other process shows it. */
  const shows = async (rate: string, ms: number) => {
    dataset.correct('2026-08-06', 'KRW', rate);
    clock.advance(7 * 3_600_000);
    await fetchRates(worker, 'frankfurter');
    const expected = JSON.stringify(expectedChart(dataset, 'USD', 'KRW', '2026-08-07'));
    return until(
      () => get(api, `${CHART}?asOf=2026-08-07`),
      ({ text }) => text === expected,
      ms,
    );
  };

  it('the one that only serves shows a correction within a second', async () => {
    expect((await shows('1800.5', 1_000)).status).toBe(200);
  });

  it('does so after its line for news was cut', async () => {
    const listeners = `SELECT pid FROM pg_stat_activity WHERE application_name = 'hackonomics-events' AND datname = current_database()`;
    const query = (sql: string): Promise<{ pid: number }[]> => api.database.dataSource.query(sql);
    const before = (await query(listeners)).map(({ pid }) => pid);
    expect(before).toHaveLength(2);
    await query(`SELECT pg_terminate_backend(pid) FROM (${listeners}) AS l`);
    // What is committed while nobody listens is caught up with, too.
    expect((await shows('1900.5', 5_000)).status).toBe(200);
    await until(
      async () => (await query(listeners)).filter(({ pid }) => !before.includes(pid)).length,
      (count) => count === 2,
    );
    expect((await shows('1950.5', 1_000)).status).toBe(200);
  });

  it('the one that only serves fetches nothing itself', async () => {
    const before = frankfurter.requests.length;
    expect((await get(api, '/api/exchange-rate/JPY/chart')).status).toBe(200);
    expect((await get(api, '/api/exchange-rate/BYN/chart')).status).toBe(404);
    expect(frankfurter.requests).toHaveLength(before);
  });
});
