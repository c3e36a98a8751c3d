import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { FRONT_END, JSON_CALLER, SignInHouse, type Tokens } from '../support/sign-in-house.js';

let house: SignInHouse;
beforeAll(async () => {
  house = await SignInHouse.open();
});
afterAll(() => house.close());

describe('a browser', () => {
  it('is sent to the issuer with state, nonce and PKCE', async () => {
    const answer = await house.browser().get('/auth/google/login');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const to = new URL(answer.headers.get('location') ?? '');
    expect(`${to.origin}${to.pathname}`).toBe(`${house.google.url}/o/oauth2/v2/auth`);
    expect(Object.fromEntries(to.searchParams)).toEqual({
      client_id: house.google.clientId,
      redirect_uri: `${house.url}/auth/google/callback`,
      response_type: 'code',
      scope: 'openid email profile',
      prompt: 'select_account',
      state: expect.stringMatching(/^[\w-]{32}$/),
      nonce: expect.stringMatching(/^[\w-]{32}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
  });

  it('gets its cookies and goes where it wanted to', async () => {
    const browser = house.browser();
    const answer = await browser.signIn({ sub: 'minji', name: 'Minji Kim' }, { returnTo: '/chart?range=1y' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/chart?range=1y');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(browser.cookieNames().sort()).toEqual(['hx_at', 'hx_rt']);
    expect([...(browser.cookieAttributes('hx_at') ?? [])].sort()).toEqual([
      'HttpOnly',
      'Max-Age=600',
      'Path=/',
      'SameSite=Lax',
    ]);
    expect([...(browser.cookieAttributes('hx_rt') ?? [])].sort()).toEqual([
      'HttpOnly',
      'Max-Age=1209600',
      'Path=/',
      'SameSite=Lax',
    ]);

    const me = await browser.get('/api/users/me');
    expect(me.status).toBe(200);
    expect(me.headers.get('cache-control')).toBe('private, no-store');
    expect(await me.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'minji@example.com',
      name: 'Minji Kim',
      picture: 'https://lh3.example.com/a/minji=s96-c',
      role: 'user',
      country: null,
      currency: null,
      createdAt: '2026-08-03T09:00:00.000Z',
      lastLoginAt: '2026-08-03T09:00:00.000Z',
    });
  });

  it('takes every address in any case and with a slash at its end for the same step', async () => {
    const browser = house.browser();
    const login = await browser.get('/Auth/Google/Login/');
    const back = await browser.follow(login);
    const callback = new URL(back.headers.get('location') ?? '');
    const answer = await browser.get(`/AUTH/google/Callback/${callback.search}`);
    expect(answer.status).toBe(303);
  });

  it('is not steered by parameters that belong to the other step', async () => {
    for (const query of ['?code=abc&state=def', '?error=access_denied', '?error=server_error&code=x']) {
      const answer = await house.browser().get(`/auth/google/login${query}`);
      expect(answer.status).toBe(302);
      expect(answer.headers.get('location')).toContain(house.google.url);
    }
    const body = await house.send('GET', '/auth/google/callback');
    expect(body.status).toBe(400);
  });
});

describe('an API caller', () => {
  it('gets tokens instead of cookies', async () => {
    const browser = house.browser();
    const answer = await browser.signIn({ sub: 'program' }, { headers: JSON_CALLER });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(browser.cookieNames()).toEqual([]);
    const tokens = (await answer.json()) as Tokens;
    expect(Object.keys(tokens).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken', 'tokenType', 'user']);
    expect(tokens).toMatchObject({ tokenType: 'Bearer', expiresIn: 600, user: { email: 'program@example.com' } });
    expect(await house.access(tokens.accessToken)).toBe(200);
  });

  it.each([
    ['application/json', true],
    ['application/json, text/plain, */*', true],
    ['text/html;q=0.5, application/json', true],
    ['text/html, application/json;q=0.9', false],
    ['*/*', false],
    ['image/png', false],
  ])('is whoever prefers JSON to HTML: %s', async (accept, json) => {
    const answer = await house.browser().signIn({ sub: 'accepting' }, { headers: { accept } });
    expect(answer.status).toBe(json ? 200 : 303);
  });

  it('can have its access token verified by anybody', async () => {
    const { accessToken, user } = await house.tokens('verified');
    const keys = createRemoteJWKSet(new URL(`${house.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
      issuer: house.url,
      audience: house.url,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      currentDate: house.clock.now(),
    });
    const published = (await (await house.send('GET', '/.well-known/jwks.json')).json()) as {
      keys: Record<string, string>[];
    };
    expect(published.keys.map(({ kid }) => kid)).toContain(protectedHeader.kid);
    for (const key of published.keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const [session] = (await house.sessions()).filter(({ userId }) => userId === user.id);
    const iat = house.clock.now().getTime() / 1000;
    expect(payload).toEqual({
      iss: house.url,
      aud: house.url,
      sub: user.id,
      sid: session?.id,
      jti: expect.any(String),
      iat,
      exp: iat + 600,
      scope: 'rates:read profile:read profile:write gateway',
      role: 'user',
    });
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: protectedHeader.kid });
  });
});

describe('an account', () => {
  it('is found again, with what Google says of it now', async () => {
    const first = await house.tokens('returning');
    house.clock.advance(60_000);
    const browser = house.browser();
    await browser.signIn({ sub: 'returning', name: 'New Name', email: 'new@example.com' });
    expect(await (await browser.get('/api/users/me')).json()).toMatchObject({
      id: first.user.id,
      name: 'New Name',
      email: 'new@example.com',
      createdAt: first.user.createdAt,
      lastLoginAt: house.clock.now().toISOString(),
    });
    const rows = (await house.users()).filter(({ subject }) => subject === 'returning');
    expect(rows).toHaveLength(1);
  });

  it('is its subject, never its e-mail address', async () => {
    const one = await house.tokens('one-of-two');
    const browser = house.browser();
    await browser.signIn({ sub: 'two-of-two', email: 'one-of-two@example.com' });
    const other = (await (await browser.get('/api/users/me')).json()) as { id: string };
    expect(other.id).not.toBe(one.user.id);
  });

  it('is made once when twenty sign in at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => house.tokens('newcomer')));
    expect(new Set(answers.map(({ user }) => user.id)).size).toBe(1);
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(20);
    const users = (await house.users()).filter(({ subject }) => subject === 'newcomer');
    expect(users).toHaveLength(1);
    const sessions = (await house.sessions()).filter(({ userId }) => userId === users[0]?.id);
    expect(sessions).toHaveLength(20);
  });

  it.each([
    ['characters that the database cannot store', { name: 'A\u0000B\u0007' }, { name: 'AB' }],
    ['a picture that is no https address', { picture: 'javascript:alert(1)' }, { picture: null }],
    ['an e-mail address that is endless', { email: `${'x'.repeat(400)}@example.com` }, { email: null }],
    ['an endless name', { name: 'n'.repeat(5_000) }, { name: 'n'.repeat(200) }],
  ])('takes %s', async (_what, person, expected) => {
    const browser = house.browser();
    expect((await browser.signIn({ sub: 'odd', ...person })).status).toBe(303);
    expect(await (await browser.get('/api/users/me')).json()).toMatchObject(expected);
  });
});

describe('where a visitor is sent afterwards', () => {
  it.each([
    ['/', '/'],
    ['/chart#2y', '/chart#2y'],
    [`${FRONT_END}/start?x=1`, `${FRONT_END}/start?x=1`],
    ['//evil.example', '/'],
    ['/.//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['https://evil.example/', '/'],
    [`${FRONT_END}.evil.example/`, '/'],
    [`https://user@front.example.com/`, '/'],
    ['chart', '/'],
    ['', '/'],
  ])('%j leads to %s', async (returnTo, target) => {
    const answer = await house.browser().signIn({ sub: 'traveller' }, { returnTo });
    expect(answer.headers.get('location')).toBe(target);
  });

  it('keeps no address of more than a thousand characters, escaped ones counted', async () => {
    for (const [returnTo, target] of [
      [`/${'a'.repeat(999)}`, `/${'a'.repeat(999)}`],
      [`/${'a'.repeat(1_000)}`, '/'],
      [`/${'한'.repeat(200)}`, '/'],
    ] as const) {
      const answer = await house.browser().signIn({ sub: 'traveller' }, { returnTo });
      expect(answer.headers.get('location')).toBe(target);
    }
  });

  it('lets no line break through, and takes a list for none', async () => {
    for (const query of ['returnTo=/x%0d%0aSet-Cookie:%20a=b', 'returnTo=/x&returnTo=/y', 'returnTo[]=/x']) {
      const browser = house.browser();
      const back = await browser.follow(await browser.get(`/auth/google/login?${query}`));
      const answer = await browser.follow(back);
      expect(answer.headers.get('location')).toMatch(/^\/(xSet-Cookie:%20a=b)?$/);
      expect(browser.cookie('a')).toBeUndefined();
    }
  });
});

it('asks Google for nothing but tokens and keys', () => {
  expect(house.google.userinfoCalls).toBe(0);
});
