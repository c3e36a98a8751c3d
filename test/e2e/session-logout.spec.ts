import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, problemOf, SignInHouse } from '../support/sign-in-house.js';
import type { TestApp } from '../support/test-app.js';

let house: SignInHouse;
let replica: TestApp;
beforeAll(async () => {
  house = await SignInHouse.open();
  replica = await house.replica({});
});
afterAll(async () => {
  await replica.stop();
  await house.close();
});

describe('signing out', () => {
  it('by cookie ends the session and takes the cookies away', async () => {
    const browser = await house.signedIn('by-cookie');
    const [access = '', refresh = ''] = [browser.cookie('hx_at'), browser.cookie('hx_rt')];
    expect(await house.access(access, replica.url)).toBe(200);
    const answer = await browser.post('/auth/logout');
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(browser.cookieNames()).toEqual([]);
    expect(await house.access(access)).toBe(401);
    expect(await problemOf(await house.refresh(refresh))).toMatchObject({ status: 401, code: 'session_ended' });
    await house.refusedBy(replica, access);
  });

  it('by bearer ends the session of the token, whatever the cookies say', async () => {
    const browser = await house.signedIn('by-bearer');
    const program = await house.tokens('by-bearer');
    const access = browser.cookie('hx_at') ?? '';
    expect((await browser.post('/auth/logout', undefined, bearer(program.accessToken))).status).toBe(204);
    expect(await house.access(program.accessToken)).toBe(401);
    expect((await house.refresh(program.refreshToken)).status).toBe(401);
    expect(await house.access(access)).toBe(200);
    await house.refusedBy(replica, program.accessToken);
  });

  it('by a refresh token in the body, an old one too', async () => {
    const first = await house.tokens('by-body');
    const second = (await (await house.refresh(first.refreshToken)).json()) as typeof first;
    const answer = await house.send('POST', '/auth/logout', { body: { refreshToken: first.refreshToken } });
    expect(answer.status).toBe(204);
    expect(await house.access(second.accessToken)).toBe(401);
    expect((await house.refresh(second.refreshToken)).status).toBe(401);
  });

  it('twice, or without any session, is fine', async () => {
    const { refreshToken } = await house.tokens('twice');
    for (const body of [undefined, {}, { refreshToken }, { refreshToken }, { refreshToken: 'nonsense' }]) {
      expect((await house.send('POST', '/auth/logout', { body })).status).toBe(204);
    }
  });

  it('with cookies that are worth nothing clears them', async () => {
    const browser = house.browser();
    browser.setCookie('hx_at', 'nonsense');
    browser.setCookie('hx_rt', 'nonsense');
    expect((await browser.post('/auth/logout')).status).toBe(204);
    expect(browser.cookieNames()).toEqual([]);
  });

  it('with a bad header is refused: nobody shall believe to have left', async () => {
    const browser = await house.signedIn('bad-header');
    const access = browser.cookie('hx_at') ?? '';
    for (const authorization of ['Bearer nonsense', 'Basic abc', 'Bearer', '']) {
      // An empty value would leave the header away in this browser.
      const headers = { authorization: authorization === '' ? ' ' : authorization };
      expect((await browser.post('/auth/logout', undefined, headers)).status).toBe(401);
    }
    expect(await house.access(access)).toBe(200);
  });

  it('on one device leaves the others alone', async () => {
    const [one, other] = [await house.tokens('two-devices'), await house.tokens('two-devices')];
    await house.send('POST', '/auth/logout', { headers: bearer(one.accessToken) });
    expect([await house.access(one.accessToken), await house.access(other.accessToken)]).toEqual([401, 200]);
    expect((await house.refresh(other.refreshToken)).status).toBe(200);
  });
});

it('is known to a process that starts afterwards', async () => {
  const { accessToken } = await house.tokens('late-start');
  await house.send('POST', '/auth/logout', { headers: bearer(accessToken) });
  const late = await house.replica({});
  try {
    expect(await house.access(accessToken, late.url)).toBe(401);
  } finally {
    await late.stop();
  }
});

it('is not missed by a process that cannot hear the news for a moment', async () => {
  const { accessToken } = await house.tokens('deaf');
  expect(await house.access(accessToken, replica.url)).toBe(200);
  await house.server.database.dataSource.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'hackonomics-events'`,
  );
  await house.send('POST', '/auth/logout', { headers: bearer(accessToken) });
  await house.refusedBy(replica, accessToken);
});

it('is told to every process when reuse ends a session', async () => {
  const first = await house.tokens('reuse-elsewhere');
  const second = (await (await house.refresh(first.refreshToken)).json()) as typeof first;
  expect(await house.access(second.accessToken, replica.url)).toBe(200);
  house.clock.advance(11_000);
  expect((await house.refresh(first.refreshToken)).status).toBe(401);
  expect(await house.access(second.accessToken)).toBe(401);
  await house.refusedBy(replica, second.accessToken);
});
