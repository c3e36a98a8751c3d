import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JSON_CALLER, problemOf, SignInHouse } from '../support/sign-in-house.js';
import type { TestBrowser } from '../support/stand-ins/browser.js';

const CALLBACK = '/auth/google/callback';

let house: SignInHouse;
beforeAll(async () => {
  house = await SignInHouse.open();
});
afterAll(() => house.close());

/** As far as Google's redirect back to us; answers its address. */
async function callbackOf(browser: TestBrowser, returnTo = '/'): Promise<URL> {
  const login = await browser.get(`/auth/google/login?returnTo=${encodeURIComponent(returnTo)}`);
  const back = await browser.follow(login);
  return new URL(back.headers.get('location') ?? '');
}

function open(browser: TestBrowser, callback: URL, headers = {}): Promise<Response> {
  return browser.get(`${callback.pathname}${callback.search}`, headers);
}

/** A page of our own, in our own words, that changed nothing. */
async function expectCalmPage(answer: Response, status: number): Promise<string> {
  const page = await answer.text();
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page).toContain('Back to the start');
  return page;
}

async function sessionCount(): Promise<number> {
  return (await house.sessions()).length;
}

describe('the state', () => {
  it('belongs to the browser that began', async () => {
    const [mine, foreign] = [house.browser(), house.browser()];
    const callback = await callbackOf(mine);
    const before = await sessionCount();
    await expectCalmPage(await open(foreign, callback), 400);
    await callbackOf(foreign);
    await expectCalmPage(await open(foreign, callback), 400);
    expect(await sessionCount()).toBe(before);
    expect((await open(mine, callback)).status).toBe(303);
  });

  it('counts once: a callback page that is loaded again leads home', async () => {
    const browser = house.browser();
    const callback = await callbackOf(browser, '/chart');
    expect((await open(browser, callback)).headers.get('location')).toBe('/chart');
    const before = await sessionCount();
    const again = await open(browser, callback);
    expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
    expect(await problemOf(await open(browser, callback, JSON_CALLER))).toMatchObject({
      status: 400,
      code: 'sign_in_unknown',
    });
    browser.clearCookies();
    await expectCalmPage(await open(browser, callback), 400);
    expect(await sessionCount()).toBe(before);
  });

  it('counts once for a cookie that was kept, too: the code is used up', async () => {
    const browser = house.browser();
    const callback = await callbackOf(browser);
    const [name = ''] = browser.cookieNames();
    const kept = browser.cookie(name) ?? '';
    await open(browser, callback);
    const before = await sessionCount();
    browser.clearCookies();
    browser.setCookie(name, kept);
    await expectCalmPage(await open(browser, callback), 502);
    expect(await sessionCount()).toBe(before);
  });

  it.each([
    ['missing', (query: URLSearchParams) => query.delete('state')],
    ['empty', (query: URLSearchParams) => query.set('state', '')],
    ['garbage', (query: URLSearchParams) => query.set('state', '%00<script>')],
    ['another of the right form', (query: URLSearchParams) => query.set('state', 'A'.repeat(32))],
    [
      'right at its beginning',
      (query: URLSearchParams) => query.set('state', `${query.get('state')?.slice(0, 31) ?? ''}!`),
    ],
    ['sent twice', (query: URLSearchParams) => query.append('state', query.get('state') ?? '')],
    ['a list', (query: URLSearchParams) => (query.append('state[]', query.get('state') ?? ''), query.delete('state'))],
    ['endless', (query: URLSearchParams) => query.set('state', 's'.repeat(9_000))],
  ])('is refused when it is %s', async (_how, spoil) => {
    const browser = house.browser();
    const callback = await callbackOf(browser);
    const before = await sessionCount();
    spoil(callback.searchParams);
    expect(await expectCalmPage(await open(browser, callback), 400)).not.toContain('script');
    expect(await sessionCount()).toBe(before);
  });

  it('does not help with a cookie that was tampered with, or moved', async () => {
    const browser = house.browser();
    const [first, second] = [await callbackOf(browser), await callbackOf(browser)];
    const [one = '', two = ''] = browser.cookieNames();
    browser.setCookie(two, browser.cookie(one) ?? '');
    await expectCalmPage(await open(browser, second), 400);
    const sealed = browser.cookie(one) ?? '';
    browser.setCookie(one, `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`);
    await expectCalmPage(await open(browser, first), 400);
  });

  it('lives for ten minutes', async () => {
    const browser = house.browser();
    const [early, late] = [await callbackOf(browser), await callbackOf(browser)];
    house.clock.advance(600_000 - 1);
    expect((await open(browser, early)).status).toBe(303);
    browser.clearCookies();
    const waiting = house.browser();
    const callback = await callbackOf(waiting);
    house.clock.advance(600_000);
    await expectCalmPage(await open(waiting, callback), 400);
    expect(await problemOf(await open(browser, late, JSON_CALLER))).toMatchObject({ code: 'sign_in_unknown' });
  });
});

describe('several tabs', () => {
  it('complete each for itself, in any order', async () => {
    const browser = house.browser();
    const callbacks = await Promise.all([1, 2, 3, 4, 5].map((tab) => callbackOf(browser, `/tab/${tab}`)));
    for (const [at, callback] of [...callbacks.entries()].reverse()) {
      expect((await open(browser, callback)).headers.get('location')).toBe(`/tab/${at + 1}`);
    }
  });

  it('are five at most: the sixth takes the place of the oldest', async () => {
    const browser = house.browser();
    const callbacks: URL[] = [];
    for (let tab = 1; tab <= 6; tab++) {
      callbacks.push(await callbackOf(browser, `/${'x'.repeat(900)}/${tab}`));
      house.clock.advance(1_000);
    }
    expect(browser.cookieNames()).toHaveLength(5);
    const [oldest, ...others] = callbacks as [URL, ...URL[]];
    await expectCalmPage(await open(browser, oldest), 400);
    for (const callback of others) expect((await open(browser, callback)).status).toBe(303);
  });

  it('make room for one more in a browser that keeps rubbish', async () => {
    const browser = house.browser();
    for (let at = 0; at < 12; at++) browser.setCookie(`hx_login_rubbish${at}`, 'x');
    expect((await open(browser, await callbackOf(browser))).status).toBe(303);
    expect(browser.cookieNames().filter((name) => name.startsWith('hx_login_')).length).toBeLessThan(5);
  });
});

describe('an answer without a code', () => {
  it.each(['', '?code=', '?state=abc', '?code=a&code=b', '?code[]=a', '?error=', '?error=a&error=b', '?scope=openid'])(
    'is calmly refused: %s',
    async (query) => {
      await expectCalmPage(await house.browser().get(`${CALLBACK}${query}`), 400);
      expect(await problemOf(await house.browser().get(`${CALLBACK}${query}`, JSON_CALLER))).toMatchObject({
        status: 400,
        code: 'sign_in_incomplete',
      });
    },
  );

  it.each([true, false])('says that the visitor cancelled (with the state: %s)', async (withState) => {
    house.google.refuse({ withState });
    const browser = house.browser();
    const page = await expectCalmPage(await open(browser, await callbackOf(browser)), 403);
    expect(page).toContain('Sign-in cancelled');
    expect(browser.cookieNames().filter((name) => name.startsWith('hx_login_'))).toHaveLength(withState ? 0 : 1);
    expect((await browser.signIn({ sub: 'after-all' })).status).toBe(303);
  });

  it('repeats nothing of what the address says', async () => {
    const told = '?error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=PHISHING&error_uri=https://evil.example';
    const page = await expectCalmPage(await house.browser().get(`${CALLBACK}${told}`), 502);
    expect(page).not.toMatch(/script|PHISHING|evil/);
    const problem = await house.browser().get(`${CALLBACK}${told}`, JSON_CALLER);
    expect(await problem.text()).not.toMatch(/script|PHISHING|evil/);
  });
});

it('ignores what Google may add some day', async () => {
  const browser = house.browser();
  const callback = await callbackOf(browser);
  callback.searchParams.append('new_parameter', 'x');
  callback.searchParams.append('hd', 'example.com');
  expect((await open(browser, callback)).status).toBe(303);
});

it('shows the code and the secret to the token endpoint alone, in the body', async () => {
  const browser = house.browser();
  const callback = await callbackOf(browser);
  await open(browser, callback);
  const request = house.google.requests.filter(({ path }) => path === '/token').at(-1);
  const form = new URLSearchParams(request?.body);
  expect(Object.fromEntries(form)).toEqual({
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code'),
    client_id: house.google.clientId,
    client_secret: house.google.clientSecret,
    redirect_uri: `${house.url}${CALLBACK}`,
    code_verifier: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(request?.url).toBe('/token');
});
