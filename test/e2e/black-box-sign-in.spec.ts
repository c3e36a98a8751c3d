import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { bearer, BlackBox, expectProblem, JSON_CALLER, type Replica, type Tokens } from '../support/black-box.js';
import type { TestBrowser } from '../support/stand-ins/browser.js';

// Whole processes: on a busy machine they take their time.
jest.setTimeout(60_000);

let box: BlackBox;
let one: Replica;
let two: Replica;
beforeAll(async () => {
  box = await BlackBox.open({ replicas: 2 });
  [one, two] = box.replicas as [Replica, Replica];
});
afterAll(() => box.close());

/** As far as Google's redirect back to us; answers path and query of the callback. */
async function callbackOf(browser: TestBrowser, sub: string, returnTo = '/'): Promise<string> {
  const login = await browser.get(`/auth/google/login?returnTo=${encodeURIComponent(returnTo)}`);
  expect(login.status).toBe(302);
  const authorize = new URL(login.headers.get('location') ?? '');
  authorize.searchParams.set('person', sub);
  const back = await browser.get(authorize.href);
  const callback = new URL(back.headers.get('location') ?? '');
  return `${callback.pathname}${callback.search}`;
}

describe('signing in', () => {
  it('gives a browser its cookies, good at every process', async () => {
    const browser = box.browser();
    const answer = await browser.signIn({ sub: 'minji' }, { returnTo: '/chart?range=1y' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/chart?range=1y']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(browser.cookieNames().sort()).toEqual(['hx_at', 'hx_rt']);
    for (const [name, seconds] of [
      ['hx_at', 600],
      ['hx_rt', 1_209_600],
    ] as const) {
      const attributes = [...(browser.cookieAttributes(name) ?? [])].sort();
      expect(attributes).toEqual(['HttpOnly', `Max-Age=${seconds}`, 'Path=/', 'SameSite=Lax']);
    }
    expect(await (await browser.get('/api/users/me')).json()).toMatchObject({ email: 'minji@example.com' });
    const cookie = `hx_at=${browser.cookie('hx_at') ?? ''}`;
    expect((await box.send('GET', '/api/users/me', { headers: { cookie }, at: two.url })).status).toBe(200);
  });

  it('gives a program tokens that anybody can verify by the published keys of any process', async () => {
    const browser = box.browser();
    const answer = await browser.signIn({ sub: 'program' }, { headers: JSON_CALLER });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(browser.cookieNames()).toEqual([]);
    const { accessToken, refreshToken, user, ...rest } = box.kept((await answer.json()) as Tokens);
    expect(rest).toEqual({ tokenType: 'Bearer', expiresIn: 600 });
    expect(refreshToken).toMatch(/^[\w-]{91}$/);
    for (const { url } of [one, two]) {
      const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
      const rules = { issuer: box.url, audience: box.url, typ: 'at+jwt', algorithms: ['ES256'] };
      const { payload } = await jwtVerify(accessToken, keys, rules);
      expect(payload).toMatchObject({ sub: user.id, role: 'user', sid: expect.any(String), jti: expect.any(String) });
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
      expect(await box.access(accessToken, url)).toBe(200);
    }
  });

  it('in production gives cookies that only https and this host can set', async () => {
    const url = 'https://localhost';
    const replica = await box.addReplica({ NODE_ENV: 'production', PUBLIC_URL: url });
    try {
      const login = await box.send('GET', '/auth/google/login', { at: replica.url });
      const [sealed = ''] = login.headers.getSetCookie();
      expect(sealed).toMatch(/^__Host-hx_login_[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      const back = await fetch(login.headers.get('location') ?? '', { redirect: 'manual' });
      const callback = new URL(back.headers.get('location') ?? '');
      expect(callback.origin).toBe(url);
      const cookie = sealed.split(';')[0] ?? '';
      const path = `${callback.pathname}${callback.search}`;
      const answer = await box.send('GET', path, { headers: { cookie }, at: replica.url });
      expect(answer.status).toBe(303);
      expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
      expect(answer.headers.getSetCookie().map((line) => line.replace(/=[^;]*/, ''))).toEqual([
        expect.stringMatching(/^__Host-hx_login_[\w-]+; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
        '__Host-hx_at; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax',
        '__Host-hx_rt; Max-Age=1209600; Path=/; HttpOnly; Secure; SameSite=Lax',
      ]);
      const [, access = '', refresh = ''] = answer.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
      box.keepOut(...[sealed, access, refresh].map((pair) => pair.split(/[=;]/)[1] ?? ''));
      const me = (name: string) =>
        box.send('GET', '/api/users/me', {
          headers: { cookie: access.replace('__Host-hx_at', name) },
          at: replica.url,
        });
      expect((await me('__Host-hx_at')).status).toBe(200);
      // A name without the prefix could have been set by anybody who has a neighbouring host.
      expect((await me('hx_at')).status).toBe(401);
    } finally {
      await replica.stop();
      box.replicas.splice(box.replicas.indexOf(replica), 1);
    }
  });

  it('is harmed by no callback that is opened twice, one after the other', async () => {
    const browser = box.browser();
    const callback = await callbackOf(browser, 'reloading', '/chart');
    expect((await browser.get(callback)).headers.get('location')).toBe('/chart');
    const before = await box.rows();
    const again = await browser.get(callback);
    expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
    expect(await box.rows()).toEqual(before);
    expect((await browser.get('/api/users/me')).status).toBe(200);
  });

  it('is harmed by no callback that two processes get at once: Google’s code counts once', async () => {
    const browser = box.browser();
    const callback = await callbackOf(browser, 'double-click');
    const cookie = browser.cookieNames().map((name) => `${name}=${browser.cookie(name) ?? ''}`);
    const before = await box.rows();
    const answers = await Promise.all(
      [one, two].map(({ url: at }) => box.send('GET', callback, { headers: { cookie: cookie.join('; ') }, at })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 502]);
    const after = await box.rows();
    expect(after.sessions - before.sessions).toBe(1);
    expect(after.ended).toBe(before.ended);
  });

  it('works in five tabs at once', async () => {
    const browser = box.browser();
    const before = await box.rows();
    const callbacks = await Promise.all([1, 2, 3, 4, 5].map((tab) => callbackOf(browser, 'tabs', `/tab/${tab}`)));
    const answers = await Promise.all(callbacks.map((callback) => browser.get(callback)));
    expect(answers.map(({ status, headers }) => `${status} ${headers.get('location') ?? ''}`)).toEqual(
      [1, 2, 3, 4, 5].map((tab) => `303 /tab/${tab}`),
    );
    expect((await browser.get('/api/users/me')).status).toBe(200);
    const after = await box.rows();
    expect([after.users - before.users, after.sessions - before.sessions]).toEqual([1, 5]);
  });

  it('is refused with the state of another browser', async () => {
    const [mine, foreign] = [box.browser(), box.browser()];
    const callback = await callbackOf(mine, 'attacker');
    await callbackOf(foreign, 'victim-of-fixation');
    const before = await box.rows();
    const page = await foreign.get(callback);
    expect([page.status, page.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
    await expectProblem(await foreign.get(callback, JSON_CALLER), { status: 400, code: 'sign_in_unknown' });
    expect(foreign.cookie('hx_at')).toBeUndefined();
    expect(await box.rows()).toEqual(before);
    expect((await mine.get(callback)).status).toBe(303);
  });
});

describe('a refresh', () => {
  it('renews by body and by cookie, at any process', async () => {
    const first = await box.tokens('refreshing');
    const answer = await box.refresh(first.refreshToken, two.url);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const second = box.kept((await answer.json()) as Tokens);
    expect(Object.keys(second).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken', 'tokenType']);
    expect(await box.access(second.accessToken)).toBe(200);

    const browser = await box.signedIn('refreshing');
    const old = [browser.cookie('hx_at'), browser.cookie('hx_rt')];
    const renewed = await browser.post('/auth/refresh');
    expect([renewed.status, renewed.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await renewed.json()).toEqual({ expiresIn: 600 });
    expect(old).not.toContain(browser.cookie('hx_at'));
    expect(old).not.toContain(browser.cookie('hx_rt'));
    expect((await browser.get('/api/users/me')).status).toBe(200);
  });

  it('of the same token at once, at both processes, yields the same successor', async () => {
    const { refreshToken } = await box.tokens('two-tabs');
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) => box.refreshed(refreshToken, at % 2 === 0 ? one.url : two.url)),
    );
    const successors = new Set(all.map((tokens) => tokens.refreshToken));
    expect(successors.size).toBe(1);
    expect(successors.has(refreshToken)).toBe(false);
    await box.refreshed([...successors][0] ?? '');
  });

  it('of a token two generations old ends that session, and no other of the same person', async () => {
    const [robbed, other] = [await box.tokens('robbed'), await box.tokens('robbed')];
    const second = await box.refreshed(robbed.refreshToken);
    const third = await box.refreshed(second.refreshToken, two.url);
    const ended = { status: 401, code: 'session_ended' };
    await expectProblem(await box.refresh(robbed.refreshToken, two.url), ended);
    await expectProblem(await box.refresh(third.refreshToken), ended);
    await box.expectRefusedEverywhere(bearer(third.accessToken));
    expect(await box.access(other.accessToken)).toBe(200);
    await box.refreshed(other.refreshToken);
  });
});

describe('signing out', () => {
  it('at one process is heeded by the other within a second', async () => {
    const browser = await box.signedIn('leaving');
    const program = await box.tokens('leaving');
    const access = browser.cookie('hx_at') ?? '';
    for (const { url } of [one, two]) expect(await box.access(access, url)).toBe(200);
    expect((await browser.post('/auth/logout')).status).toBe(204);
    await box.expectRefusedEverywhere(bearer(access));
    expect(browser.cookieNames()).toEqual([]);
    expect(await box.access(program.accessToken, two.url)).toBe(200);
  });

  it('is not forgotten by processes that were killed and started again', async () => {
    const [gone, kept] = [await box.tokens('before-the-kill'), await box.tokens('before-the-kill')];
    const answer = await box.send('POST', '/auth/logout', { headers: bearer(gone.accessToken), at: two.url });
    expect(answer.status).toBe(204);
    // The acknowledged write is all that may be relied upon: nobody gets the time to tell anybody anything.
    await Promise.all([one, two].map((replica) => replica.stop('SIGKILL')));
    await Promise.all([one, two].map((replica) => replica.start()));
    for (const { url } of [one, two]) {
      expect(await box.access(gone.accessToken, url)).toBe(401);
      expect((await box.refresh(gone.refreshToken, url)).status).toBe(401);
      expect(await box.access(kept.accessToken, url)).toBe(200);
    }
    await box.refreshed(kept.refreshToken);
  });
});

it('holds no connection of the database while Google answers', async () => {
  const meanwhile = await box.tokens('meanwhile');
  const browsers = Array.from({ length: 40 }, () => box.browser());
  const callbacks = await Promise.all(browsers.map((browser, at) => callbackOf(browser, `held-${at}`)));
  const held = box.google.plan({ match: /POST \/token/, fault: { kind: 'delay', ms: 3_000 } });
  let settled = 0;
  const answers = callbacks.map(async (callback, at) => {
    const answer = await browsers[at]?.get(callback);
    settled += 1;
    return answer?.status;
  });
  try {
    for (let waited = 0; held.hits < 40 && waited < 400; waited++) await pause(5);
    expect(held.hits).toBe(40);
    const states = await box.database.dataSource.query<{ state: string }[]>(
      `SELECT state FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'hackonomics' AND pid <> pg_backend_pid()`,
    );
    expect(states.length).toBeGreaterThan(0);
    expect(states.filter(({ state }) => state !== 'idle')).toEqual([]);
    for (let at = 0; at < 20; at++) expect(await box.access(meanwhile.accessToken, one.url)).toBe(200);
    // Else all this would have proven nothing.
    expect(settled).toBe(0);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 40 }, () => 303));
  } finally {
    held.clear();
  }
  const [row] = await box.database.dataSource.query<{ people: number }[]>(
    `SELECT count(DISTINCT user_id)::int AS people FROM sessions
       JOIN users ON users.id = user_id WHERE subject LIKE 'held-%'`,
  );
  expect(row).toEqual({ people: 40 });
});

describe('what every answer bears', () => {
  const GUARDED = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  };

  it.each([
    ['the page', '/', 200, `default-src 'self'`],
    ['an address that does not exist', '/nowhere', 404, `default-src 'self'`],
    ['an error of the API', '/api/users/me', 401, `default-src 'self'`],
    ['the page of a sign-in that failed', '/auth/google/callback?code=a&state=b', 400, `default-src 'none'`],
    ['the description of the API', '/openapi.json', 200, `default-src 'self'`],
  ])('%s', async (_what, path, status, policy) => {
    const answer = await box.send('GET', path, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(answer.status).toBe(status);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject(GUARDED);
    expect(headers['content-security-policy']).toContain(policy);
    expect(headers['content-security-policy']).toContain(`frame-ancestors 'none'`);
    expect(headers['content-security-policy']).toContain(`base-uri 'none'`);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*(?!\.googleusercontent)/);
    expect(headers['x-request-id']).toMatch(/^[\w.-]{8,}$/);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });
});
