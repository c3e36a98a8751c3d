import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JSON_CALLER, problemOf, SignInHouse } from '../support/sign-in-house.js';
import type { Fault } from '../support/stand-ins/faults.js';
import { HOSTILITIES } from '../support/stand-ins/google-tokens.js';
import { StandInServer } from '../support/stand-ins/server.js';

const TOKEN = /POST \/token/;
const CERTS = /GET \/oauth2\/v3\/certs/;
const DISCOVERY = /GET \/\.well-known/;
const HOUR_MS = 3_600_000;

let house: SignInHouse;
let lines: string[];
beforeAll(async () => {
  house = await SignInHouse.open({ LOG_LEVEL: 'warn', ADMIN_EMAILS: 'boss@example.com, kim@example.com' });
  lines = house.logLines();
});
afterEach(() => {
  house.google.clearOrders();
  lines.length = 0;
});
afterAll(() => house.close());

/** Signs in as a browser and as a program while `spoil` holds; both must be told in their own way, and nothing stored. */
async function expectRefusal(spoil: () => void): Promise<void> {
  const [users, sessions] = [await house.users(), await house.sessions()];
  const started = performance.now();

  spoil();
  const browser = house.browser();
  const page = await browser.signIn({ sub: 'victim' });
  const html = await page.text();
  expect(page.status).toBe(502);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'`);
  expect(html).toContain('Signing in did not work');
  expect(browser.cookieNames().filter((name) => !name.startsWith('hx_login_'))).toEqual([]);

  spoil();
  const program = house.browser();
  const login = await program.get('/auth/google/login', JSON_CALLER);
  const answer = login.status === 302 ? await program.follow(await program.follow(login), JSON_CALLER) : login;
  expect(await problemOf(answer)).toMatchObject({ status: 502, code: 'google_failed' });
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(await house.users()).toEqual(users);
  expect(await house.sessions()).toEqual(sessions);
  expectLogged();
}

/** A line for the operator, without anything that could be used. */
function expectLogged(): void {
  expect(lines.length).toBeGreaterThanOrEqual(1);
  const text = lines.join('');
  expect(text).toContain('google_failed');
  expect(text).not.toContain(house.google.clientSecret);
  expect(text).not.toMatch(/eyJ|4\/0|ya29|hx_login|code_verifier=/);
}

describe('an ID token', () => {
  it.each(HOSTILITIES.filter((hostility) => hostility !== 'email_unverified'))(
    'that is bad (%s) signs nobody in',
    (hostility) => expectRefusal(() => house.google.hostile(hostility)),
  );

  it('with an unverified address signs in, and makes nobody an administrator', async () => {
    const proven = house.browser();
    await proven.signIn({ sub: 'boss', email: 'Boss@Example.com' });
    expect(await (await proven.get('/api/users/me')).json()).toMatchObject({ role: 'admin' });
    house.google.hostile('email_unverified');
    const browser = house.browser();
    expect((await browser.signIn({ sub: 'pretender', email: 'boss@example.com' })).status).toBe(303);
    expect(await (await browser.get('/api/users/me')).json()).toMatchObject({ role: 'user' });
  });

  it('with an address that only Unicode takes for an administrator’s makes nobody one', async () => {
    const browser = house.browser();
    await browser.signIn({ sub: 'kelvin', email: '\u212Aim@example.com' });
    expect(await (await browser.get('/api/users/me')).json()).toMatchObject({ role: 'user' });
  });

  it('may be signed by a key that was published a moment ago', async () => {
    await house.signedIn('before');
    await house.google.rotateKeys();
    house.clock.advance(31_000);
    await house.signedIn('after');
  });
});

const FAULTS: [string, Fault][] = [
  ['500', { kind: 'status', status: 500 }],
  ['429', { kind: 'status', status: 429 }],
  ['400 with an error of OAuth', { kind: 'status', status: 400, body: { error: 'invalid_grant' } }],
  ['a page of HTML', { kind: 'html' }],
  ['a page of HTML with 502', { kind: 'html', status: 502 }],
  ['half an answer, cut off', { kind: 'half' }],
  ['half an answer', { kind: 'half', cut: 'clean' }],
  ['nothing, and hangs up', { kind: 'drop' }],
  ['a redirect', { kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' }],
  ['100 MB', { kind: 'endless' }],
  ['JSON null', { kind: 'status', status: 200, body: 'null', headers: { 'content-type': 'application/json' } }],
  ['a JSON list', { kind: 'status', status: 200, body: [] }],
  ['an empty object', { kind: 'status', status: 200, body: {} }],
  [
    'JSON of the wrong types',
    { kind: 'status', status: 200, body: { access_token: 1, id_token: { a: 1 }, keys: 'x', issuer: 1 } },
  ],
];

describe.each([
  ['token endpoint', TOKEN],
  ['keys', CERTS],
  ['metadata', DISCOVERY],
])('when the %s answers', (_which, match) => {
  it.each(FAULTS)('%s, nobody is signed in', (_what, fault) => {
    // Metadata and keys are an hour old: they are fetched anew.
    house.clock.advance(HOUR_MS + 1);
    return expectRefusal(() => house.google.plan({ match, fault }));
  });

  it('well again, people can sign in again', async () => {
    await house.signedIn('patient');
  });
});

describe('metadata that leads astray', () => {
  it.each([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['no token endpoint', { token_endpoint: undefined }],
    ['an authorization endpoint that is a script', { authorization_endpoint: 'javascript:alert(1)' }],
  ])('is refused: %s', async (_what, change) => {
    const good = (await (await fetch(`${house.google.url}/.well-known/openid-configuration`)).json()) as object;
    house.clock.advance(HOUR_MS + 1);
    await expectRefusal(() =>
      house.google.plan({ match: DISCOVERY, fault: { kind: 'status', status: 200, body: { ...good, ...change } } }),
    );
  });
});

it('ends within ten seconds when Google falls silent', async () => {
  house.clock.advance(HOUR_MS + 1);
  await house.signedIn('warm');
  house.google.plan({ match: TOKEN, times: 1, fault: { kind: 'hang' } });
  house.google.plan({ match: TOKEN, times: 1, fault: { kind: 'hang', after: 'headers' } });
  house.google.plan({ match: TOKEN, times: 1, fault: { kind: 'drip', everyMs: 300, pieceBytes: 8 } });
  const sessions = await house.sessions();
  const started = performance.now();
  const answers = await Promise.all(['a', 'b', 'c'].map((sub) => house.browser().signIn({ sub })));
  expect(answers.map(({ status }) => status)).toEqual([502, 502, 502]);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(await house.sessions()).toHaveLength(sessions.length);
  expectLogged();
});

/** What only somebody would try who knows how ID tokens are verified. */
describe('an ID token made by a stranger', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'strange', alg: 'RS256', use: 'sig' };
  const secret = randomBytes(32);

  /** Listens where the token says that its key is. */
  let trap: StandInServer;
  beforeAll(async () => {
    trap = await StandInServer.start(() => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ keys: [jwk] }),
    }));
  });
  afterAll(() => trap.close());

  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

  /** Right in every claim, but for its signature. */
  function tokenWith(nonce: string, header: object, sealed: (text: string) => Buffer): string {
    const iat = Math.floor(house.clock.now().getTime() / 1000);
    const claims = { iss: house.google.url, aud: house.google.clientId, sub: 'victim', nonce, iat, exp: iat + 3_600 };
    const text = `${part(header)}.${part(claims)}`;
    return `${text}.${sealed(text).toString('base64url')}`;
  }
  const rsa = (text: string) => sign('sha256', Buffer.from(text), privateKey);
  const ecdsa = (key: KeyObject) => (text: string) =>
    sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  const mac = (text: string) => createHmac('sha256', secret).update(text).digest();

  /** A browser and a program get such a token from the token endpoint: nobody is signed in, and nobody is asked for keys. */
  async function expectStranger(header: object, sealed = rsa): Promise<void> {
    const asked = trap.requests.length;
    for (const headers of [{}, JSON_CALLER]) {
      const browser = house.browser();
      const login = await browser.get('/auth/google/login');
      const nonce = new URL(login.headers.get('location') ?? '').searchParams.get('nonce') ?? '';
      const body = { access_token: 'x', token_type: 'Bearer', id_token: tokenWith(nonce, header, sealed) };
      house.google.plan({ match: TOKEN, times: 1, fault: { kind: 'status', status: 200, body } });
      const answer = await browser.follow(await browser.follow(login), headers);
      expect(answer.status).toBe(502);
      expect(browser.cookie('hx_at')).toBeUndefined();
    }
    expect(trap.requests).toHaveLength(asked);
    expect((await house.users()).map(({ subject }) => subject)).not.toContain('victim');
    expectLogged();
  }

  const published = async () => {
    const answer = await fetch(`${house.google.url}/oauth2/v3/certs`);
    return ((await answer.json()) as { keys: { kid: string }[] }).keys[0]?.kid;
  };

  it.each<[string, () => object]>([
    ['says where its keys are (jku)', () => ({ jku: `${trap.url}/jwks.json`, kid: 'strange' })],
    ['brings its key (jwk)', () => ({ jwk, kid: 'strange' })],
    ['brings its key and no name of one', () => ({ jwk })],
    ['says where its certificate is (x5u)', () => ({ x5u: `${trap.url}/cert.pem`, kid: 'strange' })],
    ['brings a certificate (x5c)', () => ({ x5c: [Buffer.from('none').toString('base64')], kid: 'strange' })],
    ['names no key at all', () => ({})],
    ['has an extension that must be understood (crit)', () => ({ crit: ['exp'], exp: 1 })],
  ])('%s', (_how, header) => expectStranger({ alg: 'RS256', typ: 'JWT', ...header() }));

  it('says so under the name of a key of Google’s', async () => {
    await house.signedIn('keys-are-known');
    const kid = await published();
    await expectStranger({ alg: 'RS256', kid, jku: `${trap.url}/jwks.json`, jwk });
    await expectStranger({ alg: 'ES256', kid, jwk: ec.publicKey.export({ format: 'jwk' }) }, ecdsa(ec.privateKey));
    await expectStranger({ alg: 'PS256', kid });
    await expectStranger({ alg: 'RS512', kid });
  });

  it('is sealed with a secret, which somebody got into the published keys', async () => {
    const keys = [{ kty: 'oct', k: secret.toString('base64url'), kid: 'secret', alg: 'HS256' }];
    for (const kid of ['secret', undefined]) {
      house.clock.advance(HOUR_MS + 1);
      house.google.plan({ match: CERTS, fault: { kind: 'status', status: 200, body: { keys } } });
      await expectStranger({ alg: 'HS256', kid }, mac);
      house.google.clearPlans();
      lines.length = 0;
    }
    house.clock.advance(HOUR_MS + 1);
  });
});

it.each([301, 302, 303, 307, 308] as const)('code and secret follow no redirect %i', async (status) => {
  const trap = await StandInServer.start(() => ({ status: 200, body: '{}' }));
  try {
    await expectRefusal(() =>
      house.google.plan({ match: TOKEN, times: 1, fault: { kind: 'redirect', to: `${trap.url}/token`, status } }),
    );
    house.clock.advance(HOUR_MS + 1);
    await expectRefusal(() =>
      house.google.plan({ match: DISCOVERY, times: 1, fault: { kind: 'redirect', to: trap.url, status } }),
    );
    expect(trap.requests).toEqual([]);
  } finally {
    await trap.close();
  }
});

describe('when many come at once', () => {
  const certsAsked = () => house.google.requests.filter(({ path }) => path === '/oauth2/v3/certs').length;

  it('keys and metadata are asked for once', async () => {
    house.clock.advance(HOUR_MS + 1);
    const before = house.google.requests.filter(({ method }) => method === 'GET').length;
    house.google.plan({ match: /GET \/(\.well-known|oauth2)/, fault: { kind: 'delay', ms: 100 } });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => house.browser().signIn({ sub: `at-once-${at}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 303));
    const asked = house.google.requests.filter(({ method }) => method === 'GET').length - before;
    expect(asked).toBe(30 + 2);
  });

  it('with a key that was published a moment ago, all are signed in, and Google is asked once more', async () => {
    await house.signedIn('before-rotation');
    await house.google.rotateKeys();
    house.clock.advance(31_000);
    const before = certsAsked();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => house.browser().signIn({ sub: `rotated-${at}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 303));
    expect(certsAsked() - before).toBe(1);
  });

  it('with keys that nobody published, Google is not asked for each', async () => {
    house.clock.advance(31_000);
    const before = certsAsked();
    house.google.hostile('unknown_kid', 30);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => house.browser().signIn({ sub: `unknown-${at}` })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([502]));
    expect(certsAsked() - before).toBeLessThanOrEqual(1);
    await house.signedIn('still-well');
  });

  it('and leave again before Google has answered, nothing breaks', async () => {
    const held = house.google.plan({ match: TOKEN, fault: { kind: 'delay', ms: 300 } });
    const asked = house.google.requests.filter(({ path }) => path === '/token').length;
    const tokenRequests = () => house.google.requests.filter(({ path }) => path === '/token').length - asked;
    const leaving = new AbortController();
    const gone = Array.from({ length: 20 }, async (_, at) => {
      const browser = house.browser();
      const back = await browser.follow(await browser.get('/auth/google/login'));
      const cookie = browser.cookieNames().map((name) => `${name}=${browser.cookie(name) ?? ''}`);
      const callback = back.headers.get('location') ?? '';
      return fetch(callback, {
        headers: { cookie: cookie.join('; ') },
        signal: leaving.signal,
        redirect: 'manual',
      }).then(
        () => `${at} was answered`,
        () => 'left',
      );
    });
    for (let waited = 0; tokenRequests() < 20 && waited < 1_000; waited++) await pause(5);
    leaving.abort();
    expect(new Set(await Promise.all(gone))).toEqual(new Set(['left']));
    await house.signedIn('who-stayed');
    held.clear();
    expect(lines.join('')).not.toMatch(/unexpected|"level":50/);
  });
});
