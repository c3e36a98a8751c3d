import { createHash, createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, exportSPKI, importJWK, type JWK, jwtVerify } from 'jose';
import { type Google, startGoogle } from './google.js';
import { HOSTILITIES, type Hostility } from './google-tokens.js';

const REDIRECT = 'http://localhost:3000/auth/google/callback';
const VERIFIER = 'a-verifier-of-at-least-forty-three-characters-0123';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

let now = Date.now();
let google: Google;

beforeAll(async () => {
  google = await startGoogle({ now: () => now });
});
afterEach(() => {
  google.clearOrders();
  google.idTokenIssuer = google.url;
});
afterAll(() => google.close());

type Fields = Record<string, string>;

function authorize(change: Fields = {}, headers: Fields = {}): Promise<Response> {
  const query = new URLSearchParams({
    client_id: google.clientId,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...change,
  });
  return fetch(`${google.url}/o/oauth2/v2/auth?${query.toString()}`, { redirect: 'manual', headers });
}

function back(response: Response): Fields {
  const url = new URL(response.headers.get('location') ?? '');
  expect(url.origin + url.pathname).toBe(REDIRECT);
  return Object.fromEntries(url.searchParams);
}

async function newCode(change: Fields = {}, headers: Fields = {}): Promise<string> {
  return back(await authorize(change, headers)).code ?? 'none';
}

function token(code: string, change: Fields = {}, headers: Fields = {}): Promise<Response> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    client_id: google.clientId,
    client_secret: google.clientSecret,
    ...change,
  };
  return fetch(`${google.url}/token`, { method: 'POST', body: new URLSearchParams(form), headers });
}

interface Tokens {
  access_token: string;
  expires_in: number;
  scope: string;
  token_type: string;
  id_token?: string;
}

async function signIn(change: Fields = {}, headers: Fields = {}): Promise<Tokens> {
  const response = await token(await newCode(change, headers));
  expect(response.status).toBe(200);
  return (await response.json()) as Tokens;
}

const jwks = (): ReturnType<typeof createRemoteJWKSet> => createRemoteJWKSet(new URL(`${google.url}/oauth2/v3/certs`));

describe('the happy path', () => {
  test('is found by discovery', async () => {
    const found = await (await fetch(`${google.url}/.well-known/openid-configuration`)).json();
    expect(found).toMatchObject({
      issuer: google.url,
      authorization_endpoint: `${google.url}/o/oauth2/v2/auth`,
      token_endpoint: `${google.url}/token`,
      userinfo_endpoint: `${google.url}/userinfo`,
      jwks_uri: `${google.url}/oauth2/v3/certs`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });

  test('comes straight back with what Google adds', async () => {
    const response = await authorize({ person: JSON.stringify({ sub: '42', hd: 'example.org' }) });
    expect(response.status).toBe(302);
    expect(back(response)).toEqual({
      state: 'the-state',
      iss: google.url,
      code: expect.stringMatching(/^4\/0/),
      scope: expect.stringContaining('userinfo.email'),
      authuser: '0',
      hd: 'example.org',
      prompt: 'consent',
    });
  });

  test('gives an ID token that verifies against its JWKS', async () => {
    google.nextPerson = {
      sub: '7',
      email: 'a@example.com',
      email_verified: true,
      name: 'A Name',
      picture: 'https://p.example/a',
    };
    const tokens = await signIn();
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    const options = { issuer: google.url, audience: google.clientId, algorithms: ['RS256'] };
    const { payload } = await jwtVerify(tokens.id_token ?? '', jwks(), options);
    expect(payload).toMatchObject({
      azp: google.clientId,
      sub: '7',
      email: 'a@example.com',
      email_verified: true,
      name: 'A Name',
      picture: 'https://p.example/a',
      nonce: 'the-nonce',
    });
    expect(payload.at_hash).toBe(
      createHash('sha256').update(tokens.access_token).digest().subarray(0, 16).toString('base64url'),
    );
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  test.each([
    ['parameter', { person: 'anna' }, {}],
    ['login_hint', { login_hint: 'anna@example.com' }, {}],
    ['header', {}, { 'x-stand-in-person': 'anna' }],
    ['cookie', {}, { cookie: 'a=b; stand_in_person=anna' }],
  ])('signs in whom the %s names', async (_by, change: Fields, headers: Fields) => {
    expect(decodeJwt((await signIn(change, headers)).id_token ?? '')).toMatchObject({
      sub: 'anna',
      email: 'anna@example.com',
    });
  });

  test('many at once do not get mixed up', async () => {
    const subs = Array.from({ length: 20 }, (_, index) => `person-${index}`);
    const tokens = await Promise.all(subs.map((sub) => signIn({ person: sub, nonce: `nonce of ${sub}` })));
    expect(tokens.map(({ id_token }) => decodeJwt(id_token ?? '').sub)).toEqual(subs);
    expect(tokens.map(({ id_token }) => decodeJwt(id_token ?? '').nonce)).toEqual(subs.map((sub) => `nonce of ${sub}`));
  });

  test('userinfo answers and is counted', async () => {
    const { access_token: accessToken } = await signIn({ person: 'anna' });
    const calls = google.userinfoCalls;
    const ask = (bearer: string): Promise<Response> =>
      fetch(`${google.url}/userinfo`, { headers: { authorization: `Bearer ${bearer}` } });
    expect(await (await ask(accessToken)).json()).toMatchObject({ sub: 'anna' });
    expect((await ask('wrong')).status).toBe(401);
    expect(google.userinfoCalls).toBe(calls + 2);
  });
});

describe('what Google checks', () => {
  test('client and redirect address, with a page and not a redirect', async () => {
    expect((await authorize({ client_id: 'other' })).status).toBe(401);
    const bad = await authorize({ redirect_uri: 'https://evil.example/callback' });
    expect([bad.status, bad.headers.get('location')]).toEqual([400, null]);
    const strict = await startGoogle({ redirectUris: [REDIRECT] });
    try {
      const query = new URLSearchParams({
        client_id: strict.clientId,
        redirect_uri: `${REDIRECT}/`,
        response_type: 'code',
      });
      const response = await fetch(`${strict.url}/o/oauth2/v2/auth?${query.toString()}`, { redirect: 'manual' });
      expect(response.status).toBe(400);
    } finally {
      await strict.close();
    }
  });

  test('response type, scope and challenge method, with a redirect', async () => {
    expect(back(await authorize({ response_type: 'token' }))).toEqual({
      error: 'unsupported_response_type',
      state: 'the-state',
    });
    expect(back(await authorize({ scope: 'email' }))).toEqual({ error: 'invalid_scope', state: 'the-state' });
    expect(back(await authorize({ code_challenge_method: 'S512' }))).toMatchObject({ error: 'invalid_request' });
  });

  test.each([
    ['another secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['another client', { client_id: 'wrong' }, 401, 'invalid_client'],
    ['another redirect address', { redirect_uri: `${REDIRECT}/` }, 400, 'redirect_uri_mismatch'],
    ['another verifier', { code_verifier: `${VERIFIER}x` }, 400, 'invalid_grant'],
    ['another code', { code: '4/0nothing' }, 400, 'invalid_grant'],
    ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no code', { code: '' }, 400, 'invalid_request'],
  ])('%s', async (_what, change: Fields, status, error) => {
    const response = await token(await newCode(), change);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
  });

  test('a code is good once and for ten minutes; the secret may come by Basic', async () => {
    const code = await newCode();
    const basic = `Basic ${Buffer.from(`${google.clientId}:${google.clientSecret}`).toString('base64')}`;
    expect((await token(code, { client_id: '', client_secret: '' }, { authorization: basic })).status).toBe(200);
    expect(await (await token(code)).json()).toMatchObject({ error: 'invalid_grant' });
    const late = await newCode();
    now += 600_000;
    expect(await (await token(late)).json()).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('hostility', () => {
  /** What is wrong with a token, each look by itself. */
  async function faultsOf({ id_token: idToken, access_token: accessToken }: Tokens): Promise<string[]> {
    if (idToken === undefined) return ['missing_id_token'];
    const { keys } = (await (await fetch(`${google.url}/oauth2/v3/certs`)).json()) as { keys: JWK[] };
    const [header, claims] = [decodeProtectedHeader(idToken), decodeJwt(idToken)];
    const [text, signature] = [idToken.slice(0, idToken.lastIndexOf('.')), idToken.slice(idToken.lastIndexOf('.') + 1)];
    const key = await importJWK(keys[0] as JWK, 'RS256', { extractable: true });
    const seconds = Math.floor(now / 1000);
    const found: string[] = [];
    if (header.alg === 'none' && signature === '') found.push('alg_none');
    else if (header.alg === 'HS256') {
      const secret = await exportSPKI(key as Parameters<typeof exportSPKI>[0]);
      expect(signature).toBe(createHmac('sha256', secret).update(text).digest('base64url'));
      found.push('hs256_with_public_key');
    } else {
      const options = { currentDate: new Date((claims.iat ?? 0) * 1000) };
      await jwtVerify(idToken, key, options).catch(() => found.push('bad_signature'));
    }
    if (header.kid !== keys[0]?.kid) found.push('unknown_kid');
    if (claims.iss !== google.url) found.push('wrong_iss');
    if (claims.aud !== google.clientId) found.push('wrong_aud');
    if (claims.nonce === undefined) found.push('missing_nonce');
    else if (claims.nonce !== 'the-nonce') found.push('wrong_nonce');
    if ((claims.exp ?? 0) <= seconds) found.push('expired');
    if ((claims.iat ?? 0) > seconds) found.push('iat_in_future');
    if (claims.email_verified !== true) found.push('email_unverified');
    if (claims.sub === undefined) found.push('missing_sub');
    expect(claims.at_hash).toBe(
      createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    );
    return found;
  }

  test('none without an order', async () => {
    expect(await faultsOf(await signIn({ person: 'anna' }))).toEqual([]);
  });

  test.each([...HOSTILITIES])('%s, and in that way only, and once', async (hostility: Hostility) => {
    google.hostile(hostility);
    expect(await faultsOf(await signIn({ person: 'anna' }))).toEqual([hostility]);
    expect(await faultsOf(await signIn({ person: 'anna' }))).toEqual([]);
  });

  test('an issuer without its scheme', async () => {
    google.idTokenIssuer = 'accounts.google.com';
    expect(decodeJwt((await signIn()).id_token ?? '').iss).toBe('accounts.google.com');
  });

  test('a refusal, with the state and without', async () => {
    google.refuse();
    google.refuse({ withState: false });
    expect(back(await authorize())).toEqual({ error: 'access_denied', state: 'the-state' });
    expect(back(await authorize())).toEqual({ error: 'access_denied' });
    expect(back(await authorize())).toHaveProperty('code');
  });

  test('keys rotate, with the old one gone or kept', async () => {
    const { id_token: old = '' } = await signIn();
    const verify = (idToken: string): Promise<unknown> => jwtVerify(idToken, jwks(), { currentDate: new Date(now) });
    await google.rotateKeys({ keepOld: true });
    await expect(verify(old)).resolves.toBeDefined();
    await expect(verify((await signIn()).id_token ?? '')).resolves.toBeDefined();
    await google.rotateKeys();
    await expect(verify(old)).rejects.toThrow('no applicable key');
    await expect(verify((await signIn()).id_token ?? '')).resolves.toBeDefined();
  });

  test('endpoint faults', async () => {
    google.plan({ match: /POST \/token/, times: 1, fault: { kind: 'status', status: 500 } });
    google.plan({ match: /certs/, fault: { kind: 'drop' } });
    expect((await token(await newCode())).status).toBe(500);
    await expect(fetch(`${google.url}/oauth2/v3/certs`)).rejects.toThrow('fetch failed');
  });
});
