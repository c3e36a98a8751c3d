import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWKS } from 'oidc-provider';
import type { Records } from './records.js';

const KEYS = { kind: 'signing-keys', id: 'current' };

/** The RSA key that signs ID tokens: generated once for all processes, and the same after a restart. */
export async function signingKeys(records: Records): Promise<JWKS> {
  const kept = await records.find<JWKS>(KEYS.kind, KEYS.id);
  if (kept !== undefined) return kept.payload;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const keys = [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }];
  await records.saveUnlessThere({ ...KEYS, payload: { keys } });
  const first = await records.find<JWKS>(KEYS.kind, KEYS.id);
  if (first === undefined) throw new Error('the signing keys of the development sign-in could not be kept');
  return first.payload;
}
