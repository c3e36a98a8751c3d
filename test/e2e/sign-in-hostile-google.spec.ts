import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JSON_CALLER, problemOf, SignInHouse } from '../support/sign-in-house.js';
import type { Fault } from '../support/stand-ins/faults.js';
import { HOSTILITIES } from '../support/stand-ins/google-tokens.js';

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
