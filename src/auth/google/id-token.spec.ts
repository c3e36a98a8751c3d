import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { Clock } from '../../platform/time/clock.js';
import { IdTokens } from './id-token.js';
import type { OpenIdIssuer } from './open-id-issuer.js';

const NOW = new Date('2026-08-03T09:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const GOOGLE = 'https://accounts.google.com';
const CLIENT = 'our-client.apps.googleusercontent.com';

class StandingClock extends Clock {
  now(): Date {
    return NOW;
  }
}

let privateKey: CryptoKey;
let idTokens: IdTokens;
beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  privateKey = pair.privateKey;
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k' }] });
  const issuer = { keys, client: () => Promise.resolve({ issuer: GOOGLE, clientId: CLIENT }) };
  idTokens = new IdTokens(issuer as unknown as OpenIdIssuer, new StandingClock());
});

const GOOD: JWTPayload = { iss: GOOGLE, aud: CLIENT, sub: '42', nonce: 'n', iat: SECONDS, exp: SECONDS + 3_600 };

async function identity(change: JWTPayload, without?: string) {
  const claims = Object.fromEntries(Object.entries({ ...GOOD, ...change }).filter(([name]) => name !== without));
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(privateKey);
  return idTokens.identityOf(token, 'n');
}

describe('an ID token', () => {
  it('says who signs in', async () => {
    const claims = { email: 'Minji@Example.com', email_verified: true, name: 'Minji', picture: 'https://x.example/p' };
    expect(await identity(claims)).toEqual({
      issuer: GOOGLE,
      subject: '42',
      email: 'Minji@Example.com',
      emailVerified: true,
      name: 'Minji',
      picture: 'https://x.example/p',
    });
    expect(await identity({})).toMatchObject({ email: null, emailVerified: false, name: null, picture: null });
  });

  it('means the same person with both spellings of the issuer', async () => {
    expect(await identity({ iss: 'accounts.google.com' })).toMatchObject({ issuer: GOOGLE, subject: '42' });
  });

  it.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://accounts.google.com.evil.example' }],
    ['the issuer over http', { iss: 'http://accounts.google.com' }],
    ['another audience', { aud: 'another' }],
    ['several audiences without the authorized party', { aud: [CLIENT, 'another'] }],
    ['another authorized party', { aud: [CLIENT, 'another'], azp: 'another' }],
    ['another nonce', { nonce: 'm' }],
    ['a nonce of another type', { nonce: ['n'] }],
    ['an end more than a minute ago', { exp: SECONDS - 61 }],
    ['an age of more than ten minutes', { iat: SECONDS - 662 }],
    ['a birth in the future', { iat: SECONDS + 61 }],
    ['a beginning in the future', { nbf: SECONDS + 61 }],
    ['an empty subject', { sub: '' }],
    ['a subject beyond ASCII', { sub: '42\u0000' }],
    ['an endless subject', { sub: '4'.repeat(256) }],
    ['a subject of another type', { sub: 42 as unknown as string }],
  ])('with %s is refused', async (_what, change) => {
    await expect(identity(change)).rejects.toThrow();
  });

  it.each(['iss', 'aud', 'sub', 'nonce', 'iat', 'exp'])('without %s is refused', async (name) => {
    await expect(identity({}, name)).rejects.toThrow();
  });

  it.each([
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
    [1, false],
    [undefined, false],
  ])('whose address is verified as %j counts as %j', async (claim, verified) => {
    expect(await identity({ email: 'a@example.com', email_verified: claim })).toMatchObject({
      emailVerified: verified,
    });
  });
});
