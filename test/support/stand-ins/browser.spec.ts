import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestBrowser } from './browser.js';
import { type Google, startGoogle } from './google.js';
import { type Answer } from './faults.js';
import { type RecordedRequest, StandInServer } from './server.js';

let google: Google;
let site: StandInServer;

beforeAll(async () => {
  google = await startGoogle();
  site = await StandInServer.start(visit);
});
afterAll(async () => {
  await site.close();
  await google.close();
});

/** A site with the three steps of a sign-in and nothing behind them. */
function visit({ path, query, headers }: RecordedRequest): Answer {
  if (path === '/auth/google/login') {
    const url = new URL(`${google.url}/o/oauth2/v2/auth`);
    const state = query.returnTo ?? '/';
    url.search = new URLSearchParams({
      client_id: google.clientId,
      redirect_uri: `${site.url}/auth/google/callback`,
      response_type: 'code',
      scope: 'openid',
      state,
    }).toString();
    return {
      status: 302,
      headers: { location: url.href, 'set-cookie': ['flow=1; Path=/auth; HttpOnly; SameSite=Lax'] },
    };
  }
  if (path === '/auth/google/callback') {
    const known = headers.cookie === 'flow=1' && query.code !== undefined;
    const cookies = ['flow=; Path=/auth; Max-Age=0', 'session=s=1; Path=/; HttpOnly'];
    return known ? { status: 303, headers: { location: query.state ?? '/', 'set-cookie': cookies } } : { status: 401 };
  }
  return { status: 200, body: JSON.stringify({ cookie: headers.cookie ?? '', origin: headers.origin ?? '' }) };
}

test('walks the sign-in, keeping cookies by origin and path', async () => {
  const browser = new TestBrowser(site.url);
  const answer = await browser.signIn({ sub: 'anna', name: 'Anna' }, { returnTo: '/chart?range=1y' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/chart?range=1y']);
  expect(browser.cookieNames()).toEqual(['session']);
  expect(browser.cookie('session')).toBe('s=1');
  expect(browser.cookieAttributes('session')).toContain('HttpOnly');
  expect(await (await browser.follow(answer)).json()).toEqual({ cookie: 'session=s=1', origin: '' });
  expect(google.requests.at(-1)?.headers.cookie).toBeUndefined();
  expect(JSON.parse(google.requests.at(-1)?.query.person ?? '')).toEqual({ sub: 'anna', name: 'Anna' });
});

test('a fresh browser has no cookies, and an unsafe method bears its origin unless told not to', async () => {
  const browser = new TestBrowser(site.url);
  browser.setCookie('a', '1');
  expect(await (await browser.post('/x', { y: 1 })).json()).toEqual({ cookie: 'a=1', origin: site.url });
  expect(site.requests.at(-1)).toMatchObject({ body: '{"y":1}', headers: { 'content-type': 'application/json' } });
  browser.clearCookies();
  expect(await (await browser.delete('/x', { origin: '' })).json()).toEqual({ cookie: '', origin: '' });
});

test('what is no redirect is handed back', async () => {
  const browser = new TestBrowser(site.url);
  site.plan({ match: /login/, times: 1, fault: { kind: 'status', status: 503 } });
  expect((await browser.signIn({ sub: 'anna' })).status).toBe(503);
  await expect(browser.follow(await browser.get('/x'))).rejects.toThrow('no Location');
});
