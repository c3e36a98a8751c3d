import { createHash, createHmac } from 'node:crypto';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type Person } from './google-people.js';

/** Ways in which an ID token (or the answer that brings it) can be bad; each is bad in that one way only. */
export const HOSTILITIES = [
  'bad_signature',
  'unknown_kid',
  'alg_none',
  'hs256_with_public_key',
  'wrong_iss',
  'wrong_aud',
  'wrong_nonce',
  'missing_nonce',
  'expired',
  'iat_in_future',
  'missing_id_token',
  'email_unverified',
  'missing_sub',
] as const;

export type Hostility = (typeof HOSTILITIES)[number];

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function createSigningKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, publicKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

export interface IdTokenRequest {
  readonly issuer: string;
  readonly clientId: string;
  readonly person: Person;
  readonly accessToken: string;
  readonly nonce: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  readonly key: SigningKey;
  readonly hostility?: Hostility;
}

type Claims = Record<string, unknown>;

const LIFE_SECONDS = 3600;

/** A compact ID token; undefined where the order is that there is none. */
export async function idToken(request: IdTokenRequest): Promise<string | undefined> {
  const { key, hostility, now } = request;
  const good = goodClaims(request);
  const claims = (hostility && SPOILT_CLAIMS[hostility]?.(good, now)) ?? good;
  if (hostility === 'missing_id_token') return undefined;
  if (hostility === 'alg_none') return `${unsigned({ alg: 'none', kid: key.kid, typ: 'JWT' }, claims)}.`;
  if (hostility === 'hs256_with_public_key') {
    const text = unsigned({ alg: 'HS256', kid: key.kid, typ: 'JWT' }, claims);
    const secret = await exportSPKI(key.publicKey);
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  }
  if (hostility === 'unknown_kid') return sign(claims, key, 'a-kid-nobody-published');
  // Signed as it should be, by somebody else, who claims the published key's name.
  if (hostility === 'bad_signature') return sign(claims, await strangersKey(), key.kid);
  return sign(claims, key, key.kid);
}

const SPOILT_CLAIMS: Partial<Record<Hostility, (claims: Claims, now: number) => Claims>> = {
  wrong_iss: (claims) => ({ ...claims, iss: 'https://issuer.example.net' }),
  wrong_aud: (claims) => ({ ...claims, aud: 'another-client.apps.googleusercontent.com' }),
  wrong_nonce: (claims) => ({ ...claims, nonce: 'a-nonce-of-another-sign-in' }),
  missing_nonce: (claims) => without(claims, 'nonce'),
  expired: (claims, now) => ({ ...claims, iat: now - 2 * LIFE_SECONDS, exp: now - LIFE_SECONDS }),
  iat_in_future: (claims, now) => ({ ...claims, iat: now + LIFE_SECONDS, exp: now + 2 * LIFE_SECONDS }),
  email_unverified: (claims) => ({ ...claims, email_verified: false }),
  missing_sub: (claims) => without(claims, 'sub'),
};

function goodClaims({ issuer, clientId, person, accessToken, nonce, now }: IdTokenRequest): Claims {
  return {
    iss: issuer,
    azp: clientId,
    aud: clientId,
    sub: person.sub,
    ...(person.hd !== undefined && { hd: person.hd }),
    email: person.email,
    email_verified: person.email_verified,
    at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    ...(nonce !== undefined && { nonce }),
    name: person.name,
    ...(person.picture !== undefined && { picture: person.picture }),
    ...(person.given_name !== undefined && { given_name: person.given_name }),
    iat: now,
    exp: now + LIFE_SECONDS,
  };
}

function without(claims: Claims, name: string): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
}

function sign(claims: Claims, key: SigningKey, kid: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(key.privateKey);
}

function unsigned(header: object, claims: Claims): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${part(header)}.${part(claims)}`;
}

let stranger: Promise<SigningKey> | undefined;

function strangersKey(): Promise<SigningKey> {
  stranger ??= createSigningKey('stranger');
  return stranger;
}
