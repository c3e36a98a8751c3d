import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SessionEndings } from '../../src/auth/sessions/session-endings.js';
import { SessionsService } from '../../src/auth/sessions/sessions.service.js';
import { TidySignInJob } from '../../src/auth/tidy.job.js';
import { SettableClock } from '../support/settable-clock.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const DAY_MS = 24 * 3_600_000;
const DEVICE = { address: null, userAgent: null, requestId: 'a-request-id' };
const clock = new SettableClock('2026-08-03T09:00:00Z');

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({ env: { ROLE: 'api' }, clock });
});
afterAll(() => server.stop());

it('forgets sessions a day after their end, whichever end it was, and no other; twice leaves the same', async () => {
  const sessions = server.app.get(SessionsService, { strict: false });
  const endings = server.app.get(SessionEndings, { strict: false });
  const tidy = server.app.get(TidySignInJob, { strict: false });
  const identity = { issuer: 'https://issuer.example', subject: 'tidy', email: null, emailVerified: false };
  const open = async () => (await sessions.signIn({ ...identity, name: null, picture: null }, DEVICE)).id;
  const kept = async () => {
    for (let run = 0; run < 2; run++) await tidy.run();
    const rows = await server.database.dataSource.query<{ id: string }[]>('SELECT id FROM sessions');
    return rows.map(({ id }) => id).sort();
  };

  const [loggedOut, idle] = [await open(), await open()];
  await endings.logout(loggedOut, DEVICE);
  expect(await kept()).toEqual([loggedOut, idle].sort());
  clock.advance(DAY_MS + 1);
  expect(await kept()).toEqual([idle]);
  clock.advance(13 * DAY_MS);
  const fresh = await open();
  expect(await kept()).toEqual([fresh, idle].sort());
  clock.advance(DAY_MS);
  expect(await kept()).toEqual([fresh]);
});
