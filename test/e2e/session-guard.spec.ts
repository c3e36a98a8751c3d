import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { bearer, problemOf, SignInHouse, type Tokens } from '../support/sign-in-house.js';
import type { TestBrowser } from '../support/stand-ins/browser.js';

const { privateKey: ours } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { privateKey: foreign } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let house: SignInHouse;
let tokens: Tokens;
let browser: TestBrowser;
beforeAll(async () => {
  house = await SignInHouse.open({ JWT_PRIVATE_KEY: ours.export({ type: 'pkcs8', format: 'pem' }).toString() });
  tokens = await house.tokens('guarded');
  browser = await house.signedIn('with-cookie');
});
afterAll(() => house.close());

const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

/** The good token with changes, signed with our own key or another. */
function forged({
  header = {},
  claims = {},
  key = ours,
}: {
  header?: object;
  claims?: object;
  key?: typeof ours;
}): string {
  const text = `${part({ ...decodeProtectedHeader(tokens.accessToken), ...header })}.${part({ ...decodeJwt(tokens.accessToken), ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function keyed(secret: string | Buffer): string {
  const text = `${part({ ...decodeProtectedHeader(tokens.accessToken), alg: 'HS256' })}.${part(decodeJwt(tokens.accessToken))}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const publicPem = createPublicKey(ours).export({ type: 'spki', format: 'pem' }).toString();
const publicJwk: JsonWebKey = createPublicKey(ours).export({ format: 'jwk' });

describe('an access token', () => {
  it('made by our key with our claims would count: the forgeries below fail for their one fault', async () => {
    expect(await house.access(forged({ claims: { jti: randomUUID() } }))).toBe(200);
  });

  const signature = () => tokens.accessToken.split('.')[2] ?? '';
  it.each<[string, () => string]>([
    ['cut short', () => tokens.accessToken.slice(0, -10)],
    ['without its signature', () => tokens.accessToken.split('.').slice(0, 2).join('.')],
    ['with an empty signature', () => `${tokens.accessToken.split('.').slice(0, 2).join('.')}.`],
    ['of random characters', () => randomBytes(300).toString('base64url')],
    ['of three random parts', () => [20, 100, 64].map((size) => randomBytes(size).toString('base64url')).join('.')],
    [
      'with a header that is JSON null',
      () => `${Buffer.from('null').toString('base64url')}.${part({})}.${signature()}`,
    ],
    ['with a header of another shape', () => `${part({ kid: { a: 1 } })}.${part({})}.${signature()}`],
    [
      'of alg none',
      () =>
        `${part({ ...decodeProtectedHeader(tokens.accessToken), alg: 'none' })}.${part(decodeJwt(tokens.accessToken))}.`,
    ],
    ['of HS256 with the public key as PEM', () => keyed(publicPem)],
    ['of HS256 with the public key as JWK', () => keyed(JSON.stringify(publicJwk))],
    ['signed by a stranger under our key id', () => forged({ key: foreign })],
    ['of an unknown key id', () => forged({ header: { kid: 'unknown' } })],
    [
      'that brings its own key',
      () =>
        forged({ key: foreign, header: { jwk: createPublicKey(foreign).export({ format: 'jwk' }), kid: undefined } }),
    ],
    ['of the type of an ID token', () => forged({ header: { typ: 'JWT' } })],
    ['of the type of an identity token', () => forged({ header: { typ: 'identity+jwt' } })],
    ['of no type', () => forged({ header: { typ: undefined } })],
    ['of another issuer', () => forged({ claims: { iss: 'https://elsewhere.example' } })],
    ['for another audience', () => forged({ claims: { aud: 'weather' } })],
    ['not valid yet', () => forged({ claims: { nbf: 4_102_444_800 } })],
    ['of 5 KB', () => forged({ claims: { padding: 'x'.repeat(5_000) } })],
    ['that is a refresh token', () => tokens.refreshToken],
  ])('%s is refused', async (_how, token) => {
    const answer = await house.send('GET', '/api/users/me', { headers: bearer(token()) });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'token_invalid' });
  });

  it('of the identity provider is refused', async () => {
    const [token] = house.google.requests.filter(({ path }) => path === '/token');
    expect(token).toBeDefined();
    const idToken = forged({
      header: { typ: 'JWT', alg: 'RS256' },
      claims: { iss: house.google.url, aud: house.google.clientId },
    });
    expect(await house.access(idToken)).toBe(401);
  });

  it('that has expired is refused, known from before or not', async () => {
    const past = Math.floor(house.clock.now().getTime() / 1000) - 1;
    expect(await house.access(forged({ claims: { exp: past } }))).toBe(401);
    expect(await house.access(forged({ claims: { exp: undefined } }))).toBe(401);
  });
});

describe('which credential counts', () => {
  const idOf = async (answer: Response) => ((await answer.json()) as { id: string }).id;

  it('is Bearer beside a cookie', async () => {
    expect(await idOf(await browser.get('/api/users/me', bearer(tokens.accessToken)))).toBe(tokens.user.id);
    expect(await idOf(await browser.get('/api/users/me', { authorization: `bearer ${tokens.accessToken}` }))).toBe(
      tokens.user.id,
    );
  });

  it.each(['Bearer nonsense', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'nonsense', ',', 'Bearer a b'])(
    'is never the cookie beside a bad header: %s',
    async (authorization) => {
      expect(await problemOf(await browser.get('/api/users/me', { authorization }))).toMatchObject({
        status: 401,
        code: 'token_invalid',
      });
    },
  );

  it('cannot be two at once', async () => {
    const key = { 'x-api-key': 'hx_abc_def' };
    for (const answer of [
      await house.send('GET', '/api/users/me', { headers: { ...key, ...bearer(tokens.accessToken) } }),
      await browser.get('/api/users/me', key),
    ]) {
      expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'two_credentials' });
    }
    expect(await problemOf(await house.send('GET', '/api/users/me', { headers: key }))).toMatchObject({ status: 401 });
    expect(await twoHeaders()).toBe(400);
  });

  it('is none where nobody is signed in', async () => {
    const answer = await house.send('GET', '/api/users/me');
    expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'not_signed_in' });
    const empty = await house.send('GET', '/api/users/me', { headers: { cookie: 'hx_at=' } });
    expect(empty.status).toBe(401);
    expect(
      (await house.send('GET', '/api/users/me', { headers: { cookie: `hx_rt=${tokens.accessToken}` } })).status,
    ).toBe(401);
  });
});

it('lets nobody in whose account is gone', async () => {
  const { accessToken, refreshToken, user } = await house.tokens('gone');
  await house.server.database.dataSource.query('DELETE FROM users WHERE id = $1', [user.id]);
  expect(await house.access(accessToken)).toBe(401);
  expect((await house.refresh(refreshToken)).status).toBe(401);
});

/** fetch cannot send the same header twice. */
function twoHeaders(): Promise<number | undefined> {
  const { accessToken } = tokens;
  return new Promise((resolve, reject) => {
    const sent = request(`${house.url}/api/users/me`, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.setHeader('Authorization', [`Bearer ${accessToken}`, `Bearer ${accessToken}`]);
    sent.once('error', reject).end();
  });
}
