import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSigner, createVerifier, httpbis } from 'http-message-signatures';
import { SettableClock } from '../../../test/support/settable-clock.js';
import {
  ClientsInMemory,
  type SignedRequestsServer,
  signedRequestsServer,
} from '../../../test/support/signed-requests-server.js';
import { contentDigest, send, signed, type SignedRequest, type Signing } from '../../../test/support/signing.js';

const PUBLIC_URL = 'https://rates.example.com';
const START = '2026-08-03T09:00:00Z';
const NOW = Date.parse(START) / 1000;
const key = { keyId: 'hc_one', secret: randomBytes(32).toString('base64url') };

const clock = new SettableClock(START);
const clients = new ClientsInMemory();
const used = new Set<string>();
const nonces = {
  use: (keyId: string, nonce: string) => {
    const isNew = !used.has(`${keyId} ${nonce}`);
    used.add(`${keyId} ${nonce}`);
    return Promise.resolve(isNew);
  },
};
let server: SignedRequestsServer;
beforeAll(async () => {
  clients.add(key);
  server = await signedRequestsServer({ publicUrl: PUBLIC_URL, clock, clients, nonces });
});
afterAll(() => server.close());
beforeEach(() => clock.set(START));

const sign = (path: string, signing: Signing = {}) => signed(key, `${PUBLIC_URL}${path}`, { created: NOW, ...signing });
const answerTo = (request: SignedRequest) => send(request, server.url);
async function refusalOf(request: SignedRequest): Promise<{ code: string; detail: string }> {
  const stored = used.size;
  const { status, body } = await answerTo(request);
  expect({ status, code: body.code, stored: used.size }).toEqual({ status: 401, code: 'signature_invalid', stored });
  return body as unknown as { code: string; detail: string };
}

const ALL = [
  ...[
    '@method',
    '@target-uri',
    '@authority',
    '@scheme',
    '@request-target',
    '@path',
    '@query',
    'x-two',
    'content-digest',
  ],
].map((name) => `"${name}"`);
const everything: Signing = {
  method: 'PUT',
  body: '{"a":"\u00e9"}',
  headers: { 'x-two': ['one', 'two'] },
  cover: [...ALL, '"@query-param";name="quote"'],
};

describe('a signed request', () => {
  it('is known by its client, with a body or without', async () => {
    expect(await answerTo(sign('/api/users/me'))).toMatchObject({ status: 200, body: { signer: 'owner of hc_one' } });
    const body = JSON.stringify({ country: 'KR' });
    expect(await answerTo(sign('/api/x?a=%2F&b', { method: 'PATCH', body }))).toMatchObject({
      status: 200,
      body: { signer: 'owner of hc_one', body: { country: 'KR' } },
    });
    expect(clients.accepted.slice(-2)).toEqual(['hc_one', 'hc_one']);
  });

  it('may cover everything that a request has, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(everything.cover as string[], { minLength: 10 }), async (cover) => {
        expect((await answerTo(sign('/api/x?quote=a+b', { ...everything, cover }))).status).toBe(200);
      }),
      { numRuns: 30 },
    );
  });

  it('may digest nothing where it has no body, and name other algorithms beside', async () => {
    const cover = ['"@method"', '"@target-uri"', '"content-digest"'];
    const headers = { 'content-digest': `sha-512=:${randomBytes(64).toString('base64')}:, ${contentDigest('')}` };
    expect((await answerTo(sign('/api/x', { cover, headers }))).status).toBe(200);
    expect((await answerTo(sign('/api/x', { method: 'POST', body: '' }))).status).toBe(200);
  });

  it('may be signed with the secret before a rotation, but not with one before that', async () => {
    const [present, before, older] = Array.from({ length: 3 }, () => randomBytes(32).toString('base64url'));
    clients.add({ keyId: 'hc_rotated', secret: present! }, before!);
    const by = (secret: string) => signed({ keyId: 'hc_rotated', secret }, `${PUBLIC_URL}/a`, { created: NOW });
    expect((await answerTo(by(present!))).status).toBe(200);
    expect((await answerTo(by(before!))).status).toBe(200);
    await refusalOf(by(older!));
  });

  it.each([-300, -299, 0, 299, 300])('counts when its clock is off by %i s', async (off) => {
    expect((await answerTo(sign('/a', { created: NOW + off }))).status).toBe(200);
  });

  it.each([-301, 301, -NOW, 999_999_999_999_999 - NOW])('does not when it is off by %i s', async (off) => {
    expect((await refusalOf(sign('/a', { created: NOW + off }))).detail).toMatch(/five minutes/);
  });

  it('ends when it says so', async () => {
    expect((await answerTo(sign('/a', { more: `;expires=${NOW}` }))).status).toBe(200);
    expect((await refusalOf(sign('/a', { more: `;expires=${NOW - 1}` }))).detail).toMatch(/expired/);
  });

  it('counts once, for each client', async () => {
    const request = sign('/a', { nonce: 'a nonce of one' });
    expect((await answerTo(request)).status).toBe(200);
    expect(await answerTo(request)).toMatchObject({ status: 401, body: { code: 'nonce_used' } });
    expect(await answerTo(sign('/b', { nonce: 'a nonce of one' }))).toMatchObject({ body: { code: 'nonce_used' } });
    const other = { keyId: 'hc_two', secret: randomBytes(32).toString('base64url') };
    clients.add(other);
    const same = signed(other, `${PUBLIC_URL}/a`, { created: NOW, nonce: 'a nonce of one' });
    expect((await answerTo(same)).status).toBe(200);
  });
});

describe('is refused', () => {
  it('what a stranger signed, with the same answer for keys that exist and keys that do not', async () => {
    const secret = randomBytes(32).toString('base64url');
    const answers = [];
    for (const keyId of ['hc_one', 'hc_nobody', 'hx_an_api_key'])
      answers.push(await refusalOf(signed({ keyId, secret }, `${PUBLIC_URL}/a`, { created: NOW })));
    expect(new Set(answers.map(({ detail }) => detail)).size).toBe(1);
  });

  it('what was signed for another address, whatever Host and proxies say', async () => {
    const elsewhere = signed(key, 'https://elsewhere.example/a', { created: NOW });
    const headers = {
      host: 'elsewhere.example',
      'x-forwarded-host': 'elsewhere.example',
      'x-forwarded-proto': 'https',
    };
    await refusalOf({ ...elsewhere, headers: { ...elsewhere.headers, ...headers } });
  });

  it.each([
    ['"@method"', ['"@target-uri"']],
    ['"@target-uri"', ['"@method"', '"@path"', '"@query"', '"@authority"']],
  ])('what does not cover %s', async (missing, cover) => {
    expect((await refusalOf(sign('/a', { cover }))).detail).toContain(missing);
  });

  const body = '{"a":1}';
  const cover = ['"@method"', '"@target-uri"', '"content-digest"'];
  it.each<[string, Signing]>([
    ['a body that is not covered', { body, cover: cover.slice(0, 2) }],
    ['a digest that is not sent', { body, headers: { 'content-digest': [] } }],
    ['the digest of another body', { body, headers: { 'content-digest': contentDigest('{"a":2}') } }],
    [
      'a digest by another algorithm',
      { body, headers: { 'content-digest': `sha-512=:${randomBytes(64).toString('base64')}:` } },
    ],
    ['a digest of another length', { body, headers: { 'content-digest': 'sha-256=:AAAA:' } }],
    ['a digest that is text', { body, headers: { 'content-digest': `sha-256="${'a'.repeat(32)}"` } }],
    ['a digest that cannot be read', { body, headers: { 'content-digest': 'sha-256=:' } }],
    ['the digest of a body that is not there', { cover, headers: { 'content-digest': contentDigest(body) } }],
    ['a body that is no JSON', { body: 'a,b', headers: { 'content-type': 'text/csv' } }],
  ])('%s', async (_what, signing) => {
    expect((await refusalOf(sign('/a', { method: 'POST', ...signing }))).detail).toMatch(/digest|body/i);
  });

  it('an absolute address in the request line', async () => {
    const request = sign('/a');
    const answer = await send(request, server.url, request.url);
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
    expect(answer.body.detail).toMatch(/request line/);
  });

  it('anything that changed on the way', async () => {
    const flip = (text: string, at: number, bit: number) => {
      const bytes = Buffer.from(text, 'latin1');
      const where = at % bytes.length;
      bytes[where] = bytes[where]! ^ (1 << bit);
      return bytes.toString('latin1');
    };
    const isSendable = (text: string) => /^[\x21-\x7e]+$/.test(text);
    const flipped = (text: string, at: number, bit: number) => {
      const changed = flip(text, at, bit);
      return isSendable(changed) ? changed : flip(text, at, 0);
    };
    const parts = ['method', 'path', 'query', 'x-two', 'body', 'created', 'nonce', 'keyid', 'mac'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...parts),
        fc.nat(500),
        fc.integer({ min: 0, max: 6 }),
        async (part, at, bit) => {
          const nonce = randomUUID();
          const good = sign('/api/x?quote=ab', { ...everything, nonce });
          const { headers } = good;
          const input = String(headers['signature-input']);
          const change = (text: string) => ({
            ...good,
            headers: { ...headers, 'signature-input': input.replace(text, flipped(text, at, bit)) },
          });
          const bad: Record<(typeof parts)[number], () => SignedRequest> = {
            method: () => ({ ...good, method: ['POST', 'GET', 'DELETE', 'PATCH'][at % 4]! }),
            path: () => ({ ...good, url: `${PUBLIC_URL}/${flipped('apix', at, bit).replace(/[?#/]/g, '_')}?quote=ab` }),
            query: () => ({ ...good, url: `${PUBLIC_URL}/api/x?${flipped('quote=ab', at, bit).replace('#', '_')}` }),
            'x-two': () => ({ ...good, headers: { ...headers, 'x-two': ['one', flipped('two', at, bit)] } }),
            // A body of other bytes that is JSON all the same.
            body: () => ({ ...good, body: `{"a":"${flipped('\u00e9'.repeat(1), at, bit)}x"}` }),
            created: () => change(String(NOW)),
            nonce: () => change(nonce),
            keyid: () => change(key.keyId),
            mac: () => {
              const mac = Buffer.from(String(headers.signature).slice(6, -1), 'base64');
              mac[at % 32] = mac[at % 32]! ^ (1 << bit);
              return { ...good, headers: { ...headers, signature: `sig1=:${mac.toString('base64')}:` } };
            },
          };
          await refusalOf(bad[part]());
          expect((await answerTo(good)).status).toBe(200);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('together with an implementation of somebody else', () => {
  const secret = Buffer.from(key.secret, 'base64url');
  const fields = ['@method', '@target-uri', '@authority', '@query', 'content-digest', 'content-type'];

  it('what that one signs is accepted', async () => {
    const message = {
      method: 'POST',
      url: `${PUBLIC_URL}/api/x?a=1`,
      headers: { 'content-type': 'application/json', 'content-digest': contentDigest('{"b":2}') },
    };
    const { headers } = await httpbis.signMessage(
      {
        key: createSigner(secret, 'hmac-sha256', key.keyId),
        fields,
        params: ['created', 'expires', 'keyid', 'alg', 'nonce'],
        paramValues: { created: new Date(NOW * 1000), nonce: randomUUID() },
      },
      message,
    );
    expect((await answerTo({ ...message, headers, body: '{"b":2}' })).status).toBe(200);
  });

  it('what our client signs, that one accepts', async () => {
    const cover = fields.map((name) => `"${name}"`);
    const { headers, method, url } = sign('/api/x?a=1', { method: 'POST', body: '{"b":2}', cover });
    const verify = createVerifier(secret, 'hmac-sha256');
    const isGood = await httpbis.verifyMessage(
      {
        keyLookup: () => Promise.resolve({ id: key.keyId, algs: ['hmac-sha256'], verify }),
        notAfter: new Date(NOW * 1000),
      },
      { method, url, headers: headers as Record<string, string> },
    );
    expect(isGood).toBe(true);
  });
});
