import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { BackfillRatesJob } from '../../src/exchange-rate/backfill-rates.job.js';
import { BACKFILLS, type Job, tableOf } from '../support/backfills.js';
import { KeyOwner } from '../support/machine-credentials.js';
import { scratch, type Scratch } from '../support/scratch.js';
import { SignInHouse } from '../support/sign-in-house.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { writeEcbFile } from '../support/stand-ins/ecb-file.js';

const dataset = new Dataset({ from: '2020-01-02', to: '2026-07-31' });
let house: SignInHouse;
let boss: KeyOwner;
let place: Scratch;

beforeAll(async () => {
  place = await scratch();
  const file = join(place.folder, 'history.csv');
  await writeEcbFile(file, dataset, '2026-07-31');
  house = await SignInHouse.open({
    ADMIN_EMAILS: 'boss@example.com',
    RATE_PROVIDERS: 'ecb',
    ECB_HISTORY_URL: file,
  });
  boss = await KeyOwner.signIn(house, 'boss');
});
afterAll(async () => {
  await house.close();
  place.remove();
});

it('a source whose whole history is one answer is stored in pieces, whole, and the same when it is read again', async () => {
  const job = house.server.app.get(BackfillRatesJob, { strict: false });
  const backfill = async () => {
    const answer = await boss.send('POST', BACKFILLS, { provider: 'ecb', from: '1999-01-04' });
    const { jobId } = (await answer.json()) as { jobId: string };
    await job.run({ runId: jobId }, { id: jobId, signal: new AbortController().signal });
    return (await (await boss.send('GET', `/api/jobs/${jobId}`)).json()) as Job;
  };
  const first = await backfill();
  expect(first).toMatchObject({ state: 'succeeded', done: first.total, error: null });
  const table = await tableOf(house.server.database);
  expect(table.rows).toBeGreaterThan(40_000);
  expect(await backfill()).toMatchObject({ state: 'succeeded' });
  expect(await tableOf(house.server.database)).toEqual(table);
});
