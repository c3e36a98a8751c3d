import { createHash, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { bearer, BlackBox, expectProblem, newSigningKey, type Replica, type Tokens } from '../support/black-box.js';
import type { TestBrowser } from '../support/stand-ins/browser.js';

// Whole processes: on a busy machine they take their time.
jest.setTimeout(60_000);

const [A, B] = [newSigningKey(), newSigningKey()];

let box: BlackBox;
let server: Replica;
let program: Tokens;
let browser: TestBrowser;
beforeAll(async () => {
  box = await BlackBox.open({ env: { JWT_PRIVATE_KEY: A } });
  server = box.replicas[0]!;
  program = await box.tokens('there-from-the-start');
  browser = await box.signedIn('there-from-the-start');
});
afterAll(() => box.close());

/** RFC 7638. */
function thumbprint(pem: string): string {
  const { crv, kty, x, y } = createPublicKey(pem).export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

async function restartedWith(keys: string): Promise<void> {
  expect(await server.stop()).toBe(0);
  // As an operator writes it into one line.
  await server.start({ JWT_PRIVATE_KEY: keys.replaceAll('\n', '\\n') });
}

/** What is published, who signs, and that both callers of the beginning are still signed in: answers the new token. */
async function expectPhase(published: string[], signer: string): Promise<string> {
  const answer = await box.send('GET', '/.well-known/jwks.json');
  const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
  expect(keys.map(({ kid }) => kid)).toEqual(published.map(thumbprint));
  for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);

  program = await box.refreshed(program.refreshToken);
  expect((await browser.post('/auth/refresh')).status).toBe(200);
  for (const token of [program.accessToken, browser.cookie('hx_at') ?? '']) {
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', kid: thumbprint(signer) });
    const jwks = createRemoteJWKSet(new URL(`${box.url}/.well-known/jwks.json`));
    await jwtVerify(token, jwks, { issuer: box.url, audience: box.url, typ: 'at+jwt' });
    expect(await box.access(token)).toBe(200);
  }
  expect((await browser.get('/api/users/me')).status).toBe(200);
  return program.accessToken;
}

it('signing keys are changed step by step, and nobody is signed out', async () => {
  const before = await box.rows();
  const ofA = await expectPhase([A], A);

  await restartedWith(`${A}${B}`);
  expect(await box.access(ofA)).toBe(200);
  const ofNext = await expectPhase([A, B], A);

  await restartedWith(`${B}${A}`);
  for (const token of [ofA, ofNext]) expect(await box.access(token)).toBe(200);
  const ofB = await expectPhase([B, A], B);

  await restartedWith(B);
  for (const token of [ofA, ofNext]) {
    await expectProblem(await box.send('GET', '/api/users/me', { headers: bearer(token) }), {
      status: 401,
      code: 'token_invalid',
    });
  }
  expect(await box.access(ofB)).toBe(200);
  await expectPhase([B], B);
  // The same two sessions as in the beginning, both alive.
  expect(await box.rows()).toEqual(before);
});
