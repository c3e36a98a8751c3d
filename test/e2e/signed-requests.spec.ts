import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignatureNonceEntity } from '../../src/auth/signed-requests/signature-nonce.entity.js';
import { SignInHouse, type Tokens } from '../support/sign-in-house.js';
import { newClient, send, signed, type Signing, type SigningKey } from '../support/signing.js';
import type { TestApp } from '../support/test-app.js';

let house: SignInHouse;
let replica: TestApp;
let tokens: Tokens;
let key: SigningKey;
beforeAll(async () => {
  house = await SignInHouse.open({ RATE_LIMIT_SCALE: '0' });
  replica = await house.replica({});
  tokens = await house.tokens('signer');
  key = await newClient(house.url, tokens.accessToken, {
    name: 'signer',
    scopes: ['profile:read', 'profile:write'],
    tier: 'nextcloud_hmac',
  });
});
afterAll(async () => {
  await replica.stop();
  await house.close();
});

const now = () => Math.floor(house.clock.now().getTime() / 1000);
const sign = (path: string, signing: Signing = {}, by = key) =>
  signed(by, `${house.url}${path}`, { created: now(), ...signing });
const stored = () => house.server.database.dataSource.getRepository(SignatureNonceEntity).count();

describe('a client', () => {
  it('acts for its owner within its scopes', async () => {
    expect(await send(sign('/api/users/me'))).toMatchObject({ status: 200, body: { id: tokens.user.id } });
    const body = JSON.stringify({ country: 'KR' });
    const changed = await send(sign('/api/users/me', { method: 'PATCH', body }));
    expect(changed).toMatchObject({ status: 200, body: { country: 'KR', currency: 'KRW' } });
    const readOnly = await newClient(house.url, tokens.accessToken, {
      name: 'reader',
      scopes: ['profile:read'],
      tier: 'nextcloud_hmac',
    });
    const refused = await send(sign('/api/users/me', { method: 'PATCH', body }, readOnly));
    expect(refused).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  });

  it('is no person', async () => {
    const body = JSON.stringify({ name: 'child', scopes: ['profile:read'], tier: 'nextcloud_hmac' });
    const answer = await send(sign('/api/hmac-clients', { method: 'POST', body }));
    expect(answer).toMatchObject({ status: 403, body: { code: 'session_needed' } });
  });

  it('is known by the public address, whichever replica is asked', async () => {
    expect((await send(sign('/api/users/me'), replica.url)).status).toBe(200);
    const elsewhere = signed(key, `${replica.url}/api/users/me`, { created: now() });
    expect((await send(elsewhere, replica.url)).status).toBe(401);
  });

  it('shows no other credential beside', async () => {
    const request = sign('/api/users/me', { headers: { authorization: `Bearer ${tokens.accessToken}` } });
    expect(await send(request)).toMatchObject({ status: 400, body: { code: 'two_credentials' } });
  });
});

describe('a signature', () => {
  it('counts once, of fifty at once to two replicas', async () => {
    const request = sign('/api/users/me');
    const urls = [house.url, replica.url];
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => send(request, urls[at % 2])));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'nonce_used')).toHaveLength(49);
  });

  const body = '{"country":"JP"}';
  it.each<[string, () => ReturnType<typeof signed>]>([
    [
      'of a body that was changed',
      () => ({ ...sign('/api/users/me', { method: 'PATCH', body }), body: '{"country":"US"}' }),
    ],
    ['of a query that was changed', () => ({ ...sign('/api/users/me?a=1'), url: `${house.url}/api/users/me?a=2` })],
    ['of another method', () => ({ ...sign('/api/users/me'), method: 'HEAD' })],
    ['of 301 s ago', () => sign('/api/users/me', { created: now() - 301 })],
    ['from 301 s ahead', () => sign('/api/users/me', { created: now() + 301 })],
    ['of a stranger', () => sign('/api/users/me', {}, { ...key, secret: randomBytes(32).toString('base64url') })],
    ['of a client that is none', () => sign('/api/users/me', {}, { ...key, keyId: randomUUID() })],
  ])('%s is refused', async (_what, request) => {
    const before = await stored();
    const answer = await send(request());
    expect(answer.status).toBe(401);
    // An answer to HEAD has no body.
    if (request().method !== 'HEAD') expect(answer.body).toMatchObject({ code: 'signature_invalid', status: 401 });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await stored()).toBe(before);
  });
});
