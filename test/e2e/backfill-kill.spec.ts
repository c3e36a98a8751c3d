import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { BACKFILLS, type Job, nothingDue, startOver, tableOf } from '../support/backfills.js';
import { type BuiltServer, ready, spawnBuiltServer } from '../support/built-server.js';
import { KeyOwner } from '../support/machine-credentials.js';
import { until } from '../support/rates.js';
import { scratch, type Scratch } from '../support/scratch.js';
import { SignInHouse } from '../support/sign-in-house.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import type { StandInServer } from '../support/stand-ins/server.js';

// Whole processes: on a busy machine they take their time.
jest.setTimeout(90_000);

const KILLS = 3;
const BODY = {
  provider: 'frankfurter',
  from: '2016-01-01',
  to: '2024-12-31',
  quotes: ['KRW', 'JPY', 'TRY', 'RUB', 'VND'],
};

let frankfurter: StandInServer;
let house: SignInHouse;
let boss: KeyOwner;
let place: Scratch;
const workers: BuiltServer[] = [];

beforeAll(async () => {
  const dataset = new Dataset({ from: '2016-01-04', to: '2024-12-31' });
  frankfurter = await startFrankfurter({ dataset, today: () => '2026-08-03' });
  // Slow enough to be killed in the midst of it.
  frankfurter.delayMs = 150;
  const env = { RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
  [house, place] = [await SignInHouse.open({ ADMIN_EMAILS: 'boss@example.com', ...env }), await scratch()];
  boss = await KeyOwner.signIn(house, 'boss');
  // By the workers' clock, which is the real one: their refresh job would load the same days.
  await nothingDue(house.server.database, 'frankfurter', new Date());
});
afterAll(async () => {
  for (const worker of workers) await worker.stop('SIGKILL');
  await house.close();
  await frankfurter.close();
  place.remove();
});

async function startWorker(): Promise<BuiltServer> {
  const worker = spawnBuiltServer({
    ...place.env,
    ROLE: 'worker',
    DATABASE_URL: house.server.database.url,
    RATE_PROVIDERS: 'frankfurter',
    FRANKFURTER_URL: frankfurter.url,
  });
  workers.push(worker);
  await ready(worker);
  return worker;
}

const order = async (): Promise<string> => {
  const answer = await boss.send('POST', BACKFILLS, BODY);
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { jobId: string }).jobId;
};
const show = async (id: string) => (await (await boss.send('GET', `/api/jobs/${id}`)).json()) as Job;
const untilDone = (id: string, done: number) =>
  until(
    () => show(id),
    (job) => job.done >= done,
    20_000,
  );

/** The queue notices after ten seconds of silence that a worker is dead; here it is told at once. */
async function noticeTheDeath(id: string): Promise<void> {
  await house.server.database.dataSource.query(
    `UPDATE pgboss.job SET state = 'retry', retry_count = retry_count + 1, start_after = now()
      WHERE id = $1 AND state = 'active'`,
    [id],
  );
}

it('a backfill whose worker is killed again and again ends with the table of one that ran through', async () => {
  const id = await order();
  let done = 0;
  for (let n = 0; n < KILLS; n++) {
    const worker = await startWorker();
    await untilDone(id, done + 1);
    await pause(Math.random() * 400);
    await worker.stop('SIGKILL');
    const now = await show(id);
    // What was acknowledged as done is not lost.
    expect(now.state).toBe('running');
    expect(now.done).toBeGreaterThan(done);
    done = now.done;
    await noticeTheDeath(id);
  }
  await startWorker();
  const total = (await show(id)).total;
  await untilDone(id, total);
  expect(
    await until(
      () => show(id),
      ({ state }) => state !== 'running',
    ),
  ).toMatchObject({ state: 'succeeded', error: null });
  const afterKills = await tableOf(house.server.database);

  await startOver(house.server.database);
  const undisturbed = await order();
  await untilDone(undisturbed, total);
  expect(afterKills.rows).toBeGreaterThan(8_000);
  expect(afterKills).toEqual(await tableOf(house.server.database));
});
