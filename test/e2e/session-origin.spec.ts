import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, FRONT_END, problemOf, SignInHouse, type Tokens } from '../support/sign-in-house.js';
import type { TestBrowser } from '../support/stand-ins/browser.js';

let house: SignInHouse;
let browser: TestBrowser;
let tokens: Tokens;
beforeAll(async () => {
  house = await SignInHouse.open();
  browser = await house.signedIn('careful');
  tokens = await house.tokens('careful-program');
});
afterAll(() => house.close());

const ME = '/api/users/me';

describe('a change made with cookies', () => {
  it('must come from a page of ours or of a listed origin', async () => {
    for (const origin of [house.url, FRONT_END]) {
      expect((await browser.patch(ME, { country: 'KR' }, { origin })).status).toBe(200);
    }
  });

  it.each([
    ['a foreign page', () => 'https://evil.example'],
    ['an opaque origin', () => 'null'],
    ['a name that begins like ours', () => `${house.url}.evil.example`],
    ['a name that ends like ours', () => `https://evil-front.example.com`],
    ['another scheme', () => house.url.replace('http:', 'https:')],
    ['another port', () => `${house.url}1`],
    ['another case', () => FRONT_END.toUpperCase()],
    ['a path behind', () => `${house.url}/`],
    ['several origins', () => `${house.url} https://evil.example`],
    ['nowhere', () => ''],
  ])('is refused from %s', async (_where, origin) => {
    for (const [method, path, body] of [
      ['PATCH', ME, { country: 'US' }],
      ['PATCH', '/API/Users/Me/', { country: 'US' }],
      ['POST', '/auth/refresh', undefined],
      ['POST', '/Auth/Logout', undefined],
    ] as const) {
      const answer = await browser.request(method, path, { body, headers: { origin: origin() } });
      expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'origin_refused' });
    }
    expect(await (await browser.get(ME)).json()).toMatchObject({ country: 'KR' });
  });

  it('needs no Origin where the browser vouches for it', async () => {
    const same = { origin: '', 'sec-fetch-site': 'same-origin' };
    expect((await browser.patch(ME, { country: 'KR' }, same)).status).toBe(200);
    for (const site of ['same-site', 'cross-site', 'none', 'Same-Origin']) {
      expect((await browser.patch(ME, { country: 'US' }, { origin: '', 'sec-fetch-site': site })).status).toBe(403);
    }
    const contradiction = { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' };
    expect((await browser.patch(ME, { country: 'US' }, contradiction)).status).toBe(403);
  });

  it('is not asked for its origin when a program makes it with its token', async () => {
    const answer = await house.send('PATCH', ME, { body: { country: 'CH' }, headers: bearer(tokens.accessToken) });
    expect(answer.status).toBe(200);
  });
});

describe('what other origins may read', () => {
  it('is nothing unless they are listed', async () => {
    const allowed = await browser.get(ME, { origin: FRONT_END });
    expect(allowed.headers.get('access-control-allow-origin')).toBe(FRONT_END);
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
    for (const origin of ['https://evil.example', 'null', `${FRONT_END}.evil.example`]) {
      const refused = await browser.get(ME, { origin });
      expect(refused.headers.get('access-control-allow-origin')).not.toBe(origin);
      expect(refused.headers.get('access-control-allow-origin')).not.toBe('*');
    }
  });
});

describe('a body', () => {
  const send = (body: string, contentType: string) =>
    house.send('PATCH', ME, { body, headers: { ...bearer(tokens.accessToken), 'content-type': contentType } });

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/xml',
    'text/json',
  ])('of the type %s is refused', async (type) => {
    expect(await problemOf(await send('{"country":"US"}', type))).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
  });

  it('of no type is refused', async () => {
    const body = new Blob(['{"country":"US"}']);
    const answer = await fetch(`${house.url}${ME}`, { method: 'PATCH', headers: bearer(tokens.accessToken), body });
    expect(await problemOf(answer)).toMatchObject({ status: 415 });
  });

  it('posted by a form is refused on the public routes, too', async () => {
    for (const path of ['/auth/refresh', '/auth/logout']) {
      const answer = await browser.post(path, 'refreshToken=x', {
        'content-type': 'application/x-www-form-urlencoded',
      });
      expect(await problemOf(answer)).toMatchObject({ status: 415 });
    }
    expect((await browser.get(ME)).status).toBe(200);
  });

  it.each([
    ['half', '{"country":', 400],
    ['empty braces around rubbish', '{country}', 400],
    ['a text', '"US"', 400],
    ['null', 'null', 400],
    ['a list', '[]', 400],
    ['a list of what should be one', '[{"country":"US"}]', 400],
    ['deep lists', `{"country":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 400],
    ['deep objects', `${'{"country":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 400],
    ['a prototype', '{"__proto__":{"country":"US"}}', 400],
    ['a constructor', '{"constructor":{"prototype":{"country":"US"}}}', 400],
    ['thousands of unknown properties', `{${Array.from({ length: 5_000 }, (_, at) => `"p${at}":1`).join()}}`, 400],
    ['100 KB', `{"country":"${'x'.repeat(100_000)}"}`, 413],
  ])('of %s is refused quickly', async (_what, body, status) => {
    const started = performance.now();
    const answer = await send(body, 'application/json');
    const problem = await problemOf(answer);
    expect(problem.status).toBe(status);
    expect(JSON.stringify(problem).length).toBeLessThan(5_000);
    expect(performance.now() - started).toBeLessThan(2_000);
    const me = await house.send('GET', ME, { headers: bearer(tokens.accessToken) });
    expect(await me.json()).toMatchObject({ country: 'CH' });
  });

  it('in a broken character set or compression is refused', async () => {
    expect(await problemOf(await send('{}', 'application/json; charset=klingon'))).toMatchObject({ status: 415 });
    const headers = { ...bearer(tokens.accessToken), 'content-encoding': 'gzip' };
    expect(await problemOf(await house.send('PATCH', ME, { body: '{}', headers }))).toMatchObject({ status: 400 });
  });
});

describe('an address', () => {
  it.each(['/api/exchange-rate/%E0%A4%A', '/api/%', '/auth/%zz'])(
    'that cannot be decoded is refused: %s',
    async (path) => {
      const answer = await house.send('GET', path, { headers: bearer(tokens.accessToken) });
      expect([400, 404]).toContain((await problemOf(answer)).status);
    },
  );

  it('names the parameter that it does not know', async () => {
    for (const path of [`${ME}?x=1`, '/API/Users/me?x=1', '/api/countries?x=1']) {
      const answer = await house.send('GET', path, { headers: bearer(tokens.accessToken) });
      expect(await problemOf(answer)).toMatchObject({
        status: 400,
        code: 'invalid_request',
        errors: [{ field: 'x', message: 'is not known here' }],
      });
    }
    const patched = await house.send('PATCH', `${ME}?dry=1`, {
      body: { country: 'US' },
      headers: bearer(tokens.accessToken),
    });
    expect(await problemOf(patched)).toMatchObject({ status: 400, errors: [{ field: 'dry' }] });
  });
});
