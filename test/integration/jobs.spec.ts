import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Job, type JobRun } from '../../src/jobs/job.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import type { Config } from '../../src/platform/config/config.js';
import { DatabaseSettings } from '../../src/platform/database/database.js';
import { fetchRates, get, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import { startTestApp } from '../support/test-app.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

/** Runs as long as the test wants it to. */
class PatientJob extends Job {
  readonly name = 'test.patient';
  override readonly atStart = true;
  readonly runs: JobRun[] = [];
  private end: ((error?: Error) => void) | undefined;

  run(_data: object, run: JobRun): Promise<void> {
    this.runs.push(run);
    return new Promise((resolve, reject) => {
      this.end = (error) => (error === undefined ? resolve() : reject(error));
      run.signal.addEventListener('abort', () => reject(run.signal.reason as Error));
    });
  }

  finish(error?: Error): void {
    this.end?.(error);
  }
}

describe('the job runner', () => {
  let database: TestDatabase;
  let job: PatientJob;
  const running: JobRunner[] = [];

  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(async () => {
    database = await testDatabase();
    job = new PatientJob();
  });
  afterEach(async () => {
    for (const runner of running.splice(0)) await runner.beforeApplicationShutdown();
    await database.drop();
  });

  const runner = (role = 'worker'): JobRunner => {
    const made = new JobRunner({ role } as Config, new DatabaseSettings(database.url, database.url));
    made.register(job);
    running.push(made);
    return made;
  };
  const queued = (): Promise<{ state: string; waits: boolean }[]> =>
    database.dataSource.query(
      `SELECT state, start_after > now() AS waits FROM pgboss.job WHERE name = 'test.patient' ORDER BY created_on`,
    );
  const states = async () => (await queued()).map(({ state }) => state);
  const untilRuns = (count: number) =>
    until(
      () => job.runs.length,
      (runs) => runs === count,
    );
  const untilStates = (...expected: string[]) => until(states, (found) => found.join() === expected.join());

  it('runs a job at the start, once for all workers together', async () => {
    await Promise.all([runner().work(), runner().work()]);
    await untilRuns(1);
    const other = runner('api');
    // While it runs, the same work is not begun a second time, whoever asks for it.
    expect(await other.enqueue(job, {}, 'due')).toBeUndefined();
    expect(await states()).toEqual(['active']);
    job.finish();
    await untilStates('completed');
    expect(await other.enqueue(job, {}, 'due')).toEqual(expect.any(String));
    await untilRuns(2);
    job.finish();
    await untilStates('completed', 'completed');
  });

  it('tries a job that failed again, after a while or with the next start', async () => {
    await runner().work();
    await untilRuns(1);
    job.finish(new Error('not today'));
    await untilStates('retry');
    expect(await queued()).toEqual([{ state: 'retry', waits: true }]);
    await runner().work();
    await untilRuns(2);
    job.finish();
    await untilStates('completed');
  });

  it('tells a running job to stop, and goes on with it after the next start', async () => {
    const first = runner();
    await first.work();
    await untilRuns(1);
    await first.beforeApplicationShutdown();
    expect(job.runs[0]?.signal.aborted).toBe(true);
    expect(await states()).toEqual(['retry']);
    await runner().work();
    await untilRuns(2);
    expect(job.runs[1]?.id).toBe(job.runs[0]?.id);
    job.finish();
    await untilStates('completed');
  });

  it('brings the queue of an earlier version up to date', async () => {
    await runner().work();
    await database.dataSource.query(`UPDATE pgboss.queue SET retry_limit = 99, expire_seconds = 1`);
    await runner().work();
    const [queue] = await database.dataSource.query(
      `SELECT policy, retry_limit AS "retryLimit", expire_seconds AS "expireSeconds" FROM pgboss.queue WHERE name = 'test.patient'`,
    );
    expect(queue).toEqual({ policy: 'exclusive', retryLimit: job.retries, expireSeconds: job.expireInSeconds });
  });

  it('refuses two jobs of one name', () => {
    expect(() => runner().register(new PatientJob())).toThrow('two jobs are named test.patient');
  });
});

describe('the jobs of the application', () => {
  const dataset = new Dataset({ from: '2024-06-01', to: '2026-08-07' });
  const clock = new SettableClock('2026-08-07T18:00:00Z');

  it('are all on the list of a module', async () => {
    const server = await startTestApp({ env: { ROLE: 'api' } });
    const listed = server.app.get(JobRunner).registered.map(({ constructor }) => constructor);
    await server.stop();
    const source = join(import.meta.dirname, '../../src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.job.ts'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const exported = Object.values((await import(join(source, file))) as Record<string, unknown>);
      expect({ file, listed: exported.some((value) => listed.includes(value as never)) }).toEqual({
        file,
        listed: true,
      });
    }
  });

  it('leave the same rows when they run twice', async () => {
    const frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: `${frankfurter.url}/v1` };
    const server = await startTestApp({ env, clock });
    const job = server.app.get(JobRunner).registered.find(({ name }) => name === 'rates.refresh.frankfurter');
    const run = () => job!.run({}, { id: 'by hand', signal: new AbortController().signal });
    const rows = () =>
      server.database.dataSource.query('SELECT * FROM rate_observations ORDER BY series_id, date, revision');
    await run();
    const before = await rows();
    const asked = frankfurter.requests.length;
    clock.advance(7 * 3_600_000);
    await run();
    expect(frankfurter.requests.length).toBeGreaterThan(asked);
    expect(await rows()).toEqual(before);
    await server.stop();
    await frankfurter.close();
  });

  it('end with the process in the midst of a load, and go on with the next start', async () => {
    const frankfurter = await startFrankfurter({ dataset, today: () => clock.today() });
    const hanging = frankfurter.plan({ match: /2025-01-01/, fault: { kind: 'hang', after: 'headers' } });
    const env = { RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: `${frankfurter.url}/v1` };
    const database = await testDatabase();
    const first = await startTestApp({ env, clock, sharing: database });
    await until(
      () => hanging.hits,
      (hits) => hits > 0,
    );
    await first.stop();
    const sources = () => database.dataSource.query('SELECT * FROM rate_sources');
    expect(await sources()).toEqual([]);
    hanging.clear();
    const second = await startTestApp({ env, clock, sharing: database });
    expect((await get(second, '/api/exchange-rate/KRW/chart')).status).toBe(200);
    await fetchRates(second, 'frankfurter');
    expect(await sources()).toMatchObject([{ failures: 0, loaded_from: '1999-01-04' }]);
    await second.stop();
    await database.drop();
    await frankfurter.close();
  });
});
