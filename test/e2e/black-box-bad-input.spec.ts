import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  bearer,
  BlackBox,
  expectProblem,
  FRONT_END,
  JSON_CALLER,
  newSigningKey,
  type Replica,
  sendRaw,
  type Tokens,
} from '../support/black-box.js';
import type { TestBrowser } from '../support/stand-ins/browser.js';
import { StandInServer } from '../support/stand-ins/server.js';

// Whole processes: on a busy machine they take their time.
jest.setTimeout(60_000);

const ME = '/api/users/me';
const QUICK_MS = 3_000;
const SIGNING_KEY = newSigningKey();
const { privateKey: foreign, publicKey: foreignPublic } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let box: BlackBox;
let server: Replica;
let tokens: Tokens;
let browser: TestBrowser;
/** Listens where a forged header says that our keys are. */
let trap: StandInServer;
let before: Awaited<ReturnType<BlackBox['rows']>>;

beforeAll(async () => {
  trap = await StandInServer.start(() => {
    const jwk = { ...foreignPublic.export({ format: 'jwk' }), kid: 'foreign', alg: 'ES256', use: 'sig' };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ keys: [jwk] }) };
  });
  box = await BlackBox.open({ env: { JWT_PRIVATE_KEY: SIGNING_KEY } });
  server = box.replicas[0]!;
  tokens = await box.tokens('steady');
  browser = await box.signedIn('steady');
  before = await box.rows();
});
afterEach(async () => {
  // Whatever was sent: the process lives, nobody was signed out, nothing was written.
  expect(server.running).toBe(true);
  expect((await box.send('GET', '/health/ready')).status).toBe(200);
  expect(await box.access(tokens.accessToken)).toBe(200);
  expect((await browser.get(ME)).status).toBe(200);
  expect(await box.rows()).toEqual(before);
  expect(trap.requests).toEqual([]);
});
afterAll(async () => {
  await trap.close();
  await box.close();
});

async function quickly<T>(work: () => Promise<T>): Promise<T> {
  const since = performance.now();
  const result = await work();
  expect(performance.now() - since).toBeLessThan(QUICK_MS);
  return result;
}

const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

/** Our own token with another header, signed by a stranger unless told otherwise. */
function forged(header: object, { claims = {}, key = foreign } = {}): string {
  const text = `${part({ ...decodeProtectedHeader(tokens.accessToken), ...header })}.${part({ ...decodeJwt(tokens.accessToken), ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** A whole sign-in at Google without us: what it gives to a program that has our client id. */
async function tokensOfGoogle(): Promise<{ access_token: string; id_token: string }> {
  const redirect = `${box.url}/auth/google/callback`;
  const query = new URLSearchParams({
    client_id: box.google.clientId,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'openid email profile',
    nonce: 'n',
  });
  const back = await fetch(`${box.google.url}/o/oauth2/v2/auth?${query.toString()}`, { redirect: 'manual' });
  const form = {
    grant_type: 'authorization_code',
    code: new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '',
    redirect_uri: redirect,
    client_id: box.google.clientId,
    client_secret: box.google.clientSecret,
  };
  const answer = await fetch(`${box.google.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  return (await answer.json()) as { access_token: string; id_token: string };
}

describe('an access token', () => {
  const [header, claims] = [() => tokens.accessToken.split('.')[0] ?? '', () => tokens.accessToken.split('.')[1] ?? ''];
  const publicPem = createPublicKey(SIGNING_KEY).export({ type: 'spki', format: 'pem' }).toString();
  const keyed = (secret: string) => {
    const text = `${part({ ...decodeProtectedHeader(tokens.accessToken), alg: 'HS256' })}.${claims()}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const foreignJwk = foreignPublic.export({ format: 'jwk' });

  it.each<[string, () => string | Promise<string>]>([
    ['cut short', () => tokens.accessToken.slice(0, -3)],
    ['cut within its claims', () => tokens.accessToken.slice(0, header().length + 20)],
    ['with one character changed', () => `${tokens.accessToken.slice(0, -9)}_${tokens.accessToken.slice(-8)}`],
    ['without its signature', () => `${header()}.${claims()}`],
    ['with an empty signature', () => `${header()}.${claims()}.`],
    ['with the signature of zeros', () => `${header()}.${claims()}.${Buffer.alloc(64).toString('base64url')}`],
    ['with two signatures', () => `${tokens.accessToken}.${tokens.accessToken.split('.')[2] ?? ''}`],
    ['of dots', () => '..'],
    ['of alg none', () => `${part({ alg: 'none', typ: 'at+jwt' })}.${claims()}.`],
    [
      'of alg nOnE, under our key id',
      () => `${part({ ...decodeProtectedHeader(tokens.accessToken), alg: 'nOnE' })}.${claims()}.`,
    ],
    ['of HS256 with our public key', () => keyed(publicPem)],
    ['of a foreign key under our key id', () => forged({})],
    ['of a foreign key id', () => forged({ kid: 'foreign' })],
    ['of a key id that is a path', () => forged({ kid: '../../../../dev/null' })],
    ['that says where its key is (jku)', () => forged({ jku: `${trap.url}/jwks.json`, kid: 'foreign' })],
    ['that says so under our key id', () => forged({ jku: `${trap.url}/jwks.json` })],
    ['that says where its certificate is (x5u)', () => forged({ x5u: `${trap.url}/cert.pem`, kid: 'foreign' })],
    ['that brings its key (jwk)', () => forged({ jwk: foreignJwk, kid: undefined })],
    ['that brings its key under our key id', () => forged({ jwk: foreignJwk })],
    ['that brings a certificate (x5c)', () => forged({ x5c: [Buffer.from('certificate').toString('base64')] })],
    [
      'whose issuer is ours and says where it is',
      () => forged({ kid: 'foreign' }, { claims: { iss: trap.url, jku: trap.url } }),
    ],
    ['that is a refresh token', () => tokens.refreshToken],
    ['that is Google’s ID token', async () => (await tokensOfGoogle()).id_token],
    ['that is Google’s access token', async () => (await tokensOfGoogle()).access_token],
    ['of 7 KB', () => `${header()}.${part({ padding: 'x'.repeat(5_000) })}.${'A'.repeat(86)}`],
  ])('%s is refused', async (_how, token) => {
    const text = await token();
    box.keepOut(text);
    const answer = await quickly(() => box.send('GET', ME, { headers: bearer(text) }));
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    await expectProblem(answer, { status: 401, code: 'token_invalid' });
    // In the cookie it is worth no more, and ends nothing.
    const cookie = `hx_at=${text}; hx_rt=${text}`;
    await expectProblem(await box.send('GET', ME, { headers: { cookie } }), { status: 401 });
    if (text === tokens.refreshToken) return;
    const origin = box.url;
    const refresh = await box.send('POST', '/auth/refresh', { headers: { cookie, origin } });
    await expectProblem(refresh, { status: 401 });
  });

  it('of random bytes is refused, two hundred times', async () => {
    const texts = Array.from({ length: 200 }, (_, at) => {
      const random = randomBytes(1 + ((at * 37) % 900)).toString(at % 2 === 0 ? 'base64url' : 'hex');
      return at % 3 === 0 ? `${header()}.${random}.${random}` : random;
    });
    const answers = await Promise.all(texts.map((text) => box.send('GET', ME, { headers: bearer(text) })));
    for (const answer of answers) await expectProblem(answer, { status: 401, code: 'token_invalid' });
  });

  it('is looked for in headers alone', async () => {
    const text = tokens.accessToken;
    for (const name of ['access_token', 'accessToken', 'token', 'api_key', 'apikey', 'X-API-Key']) {
      const answer = await box.send('GET', `${ME}?${name}=${text}`);
      await expectProblem(answer, { status: 400, code: 'credential_in_query' });
    }
    await expectProblem(await box.send('GET', `${ME}?access_token=${text}`, { headers: bearer(text) }), {
      status: 400,
    });
    const body = { access_token: text, accessToken: text };
    await expectProblem(await box.send('PATCH', ME, { body }), { status: 401, code: 'not_signed_in' });
  });

  it('comes alone', async () => {
    const one = bearer(tokens.accessToken);
    const key = { 'x-api-key': 'hx_abc_def' };
    const signature = { signature: 'sig=:AAAA:', 'signature-input': 'sig=();keyid="x"' };
    const twice = { status: 400, code: 'two_credentials' };
    for (const headers of [
      { ...one, ...key },
      { ...one, ...signature },
      { ...key, ...signature },
    ]) {
      await expectProblem(await box.send('GET', ME, { headers }), twice);
    }
    await expectProblem(await browser.get(ME, key), twice);
    await expectProblem(await browser.get(ME, signature), twice);
    const line = `Authorization: ${one.authorization}\r\n`;
    const answer = await sendRaw(
      server.port,
      `GET ${ME} HTTP/1.1\r\nHost: x\r\n${line}${line}Connection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"two_credentials"/);
  });
});

describe('headers that a proxy would set', () => {
  const FORGED = {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    'x-forwarded-prefix': '/evil',
    'x-real-ip': '203.0.113.7',
    'x-client-ip': '203.0.113.7',
    'true-client-ip': '203.0.113.7',
    forwarded: 'for=203.0.113.7;host=evil.example;proto=https',
    via: '1.1 evil.example',
  };

  it('change neither where a visitor is sent nor what a cookie is like', async () => {
    const login = await box.send('GET', '/auth/google/login', { headers: FORGED });
    const to = new URL(login.headers.get('location') ?? '');
    expect(to.origin).toBe(box.google.url);
    expect(to.searchParams.get('redirect_uri')).toBe(`${box.url}/auth/google/callback`);
    expect(login.headers.getSetCookie().join()).toMatch(/^hx_login_(?!.*(Secure|Domain|evil))/);
    const raw = await sendRaw(
      server.port,
      'GET /auth/google/login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 302 /);
    expect(raw).not.toContain('evil');
  });

  it('do not make a foreign page one of ours', async () => {
    for (const origin of ['https://evil.example', 'https://evil.example:443', `http://evil.example`]) {
      const answer = await browser.patch(ME, { country: 'US' }, { ...FORGED, origin });
      await expectProblem(answer, { status: 403, code: 'origin_refused' });
    }
  });

  it.each<[string, Record<string, string>]>([
    ['X-Original-URL', { 'x-original-url': '/api/countries' }],
    ['X-Rewrite-URL', { 'x-rewrite-url': '/api/countries' }],
    ['X-Forwarded-Uri', { 'x-forwarded-uri': '/api/countries' }],
    ['X-Forwarded-User', { 'x-forwarded-user': 'admin', 'x-remote-user': 'admin', 'remote-user': 'admin' }],
    ['X-User-Id', { 'x-user-id': '1', 'x-role': 'admin', 'x-identity-token': 'x' }],
    ['X-HTTP-Method-Override', { 'x-http-method-override': 'OPTIONS', 'x-method-override': 'OPTIONS' }],
  ])('open nothing: %s', async (_name, headers) => {
    await expectProblem(await box.send('GET', ME, { headers: { ...FORGED, ...headers } }), {
      status: 401,
      code: 'not_signed_in',
    });
  });

  it('do not turn a reading request into a changing one', async () => {
    const headers = { 'x-http-method-override': 'DELETE', 'x-http-method': 'PATCH', ...bearer(tokens.accessToken) };
    const read = await box.send('GET', ME, { headers });
    expect([read.status, await read.json()]).toEqual([200, expect.objectContaining({ country: null })]);
    await expectProblem(
      await box.send('GET', '/auth/logout', { headers: { ...headers, 'x-http-method-override': 'POST' } }),
      {
        status: 404,
      },
    );
    await expectProblem(await box.send('POST', `${ME}?_method=PATCH`, { body: { country: 'US' }, headers }), {
      status: 404,
    });
  });

  it('are never taken for the address of a session', async () => {
    const visitor = box.browser();
    const login = await visitor.get('/auth/google/login', FORGED);
    const back = await visitor.follow(login);
    expect((await visitor.follow(back, FORGED)).status).toBe(303);
    const [row] = await box.database.dataSource.query<{ address: string }[]>(
      'SELECT address FROM sessions ORDER BY created_at DESC LIMIT 1',
    );
    expect(row?.address).toBe('127.0.0.1');
    before = await box.rows();
  });
});

describe('a body', () => {
  const send = (body: string, type = 'application/json') =>
    box.send('PATCH', ME, { body, headers: { ...bearer(tokens.accessToken), 'content-type': type } });

  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form with files', 'multipart/form-data; boundary=x'],
    ['plain text', 'text/plain;charset=UTF-8'],
    ['XML', 'application/xml'],
    ['what begins like JSON', 'application/jsonp'],
    ['two types', 'text/plain, application/json'],
    ['JSON in a form', 'application/x-www-form-urlencoded; application/json'],
  ])('as %s is refused on every route, with cookies and without', async (_what, type) => {
    await expectProblem(await send('{"country":"US"}', type), { status: 415, code: 'unsupported_media_type' });
    for (const path of ['/auth/refresh', '/auth/logout']) {
      const answer = await browser.post(path, 'refreshToken=x', { 'content-type': type });
      await expectProblem(answer, { status: 415 });
    }
  });

  it.each<[string, () => string, number]>([
    ['no JSON', () => '{country}', 400],
    ['half of it', () => '{"country":"U', 400],
    ['a NUL', () => '{"country":"\u0000\u0000"}', 400],
    ['lists 30,000 deep', () => `{"country":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 400],
    ['objects 9,000 deep', () => `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`, 400],
    ['only opening brackets', () => '['.repeat(60_000), 400],
    ['ten thousand properties', () => `{${Array.from({ length: 6_000 }, (_, at) => `"p${at}":1`).join()}}`, 400],
    ['a number of 50,000 digits', () => `{"country":${'9'.repeat(50_000)}}`, 400],
    ['a prototype', () => '{"__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}}}', 400],
    ['100 KB', () => `{"country":"${'x'.repeat(100_000)}"}`, 413],
    ['1 MB', () => `{"country":"${'x'.repeat(1_000_000)}"}`, 413],
  ])('of %s is refused quickly', async (_what, body, status) => {
    const answer = await quickly(() => send(body()));
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(5_000);
    await expectProblem(answer, { status });
  });

  it('that claims to be compressed and is none is refused', async () => {
    for (const encoding of ['gzip', 'br', 'deflate', 'klingon']) {
      const headers = { ...bearer(tokens.accessToken), 'content-encoding': encoding };
      const { status } = await expectProblem(await box.send('PATCH', ME, { body: '{}', headers }));
      expect([400, 415]).toContain(status);
    }
  });
});

describe('a page elsewhere', () => {
  it.each([
    ['foreign', () => 'https://evil.example'],
    ['opaque', () => 'null'],
    ['begins like ours', () => `${box.url}.evil.example`],
    ['has ours as its user', () => `${box.url}@evil.example`],
    ['ends like a listed one', () => 'https://evil-front.example.com'],
    ['is below a listed one', () => 'https://x.front.example.com'],
    ['is listed under http', () => FRONT_END.replace('https', 'http')],
    ['is listed in another case', () => FRONT_END.toUpperCase()],
    ['is listed with another port', () => `${FRONT_END}:8443`],
    ['is ours under another name', () => box.url.replace('127.0.0.1', 'localhost')],
    ['is ours with a path', () => `${box.url}/`],
  ])('changes nothing with the visitor’s cookies, and reads nothing: it %s', async (_where, origin) => {
    const headers = { origin: origin() };
    for (const [method, path] of [
      ['PATCH', ME],
      ['POST', '/auth/refresh'],
      ['POST', '/auth/logout'],
      ['POST', '//auth/logout'],
      ['POST', '/AUTH/LOGOUT/'],
    ] as const) {
      const answer = await browser.request(method, path.replace('//', '/'), {
        body: method === 'PATCH' ? { country: 'US' } : undefined,
        headers,
      });
      await expectProblem(answer, { status: 403, code: 'origin_refused' });
    }
    const read = await browser.get(ME, headers);
    expect(read.headers.get('access-control-allow-origin')).not.toBe(headers.origin);
    expect(read.headers.get('access-control-allow-origin')).not.toBe('*');
  });
});

describe('an address', () => {
  it.each([
    '/api/%',
    '/api/users/%E0%A4%A',
    '/auth/%00',
    '/api/users/me/..%2f..%2fadmin',
    '/api//users//me',
    '/.env',
    '/.git/config',
  ])('that leads nowhere is refused: %s', async (path) => {
    const answer = await box.send('GET', path, { headers: { ...JSON_CALLER, ...bearer(tokens.accessToken) } });
    expect([400, 404]).toContain((await expectProblem(answer)).status);
  });

  it('of 12 KB is refused', async () => {
    const answer = await box.send('GET', `/api/exchange-rate/${'K'.repeat(12_000)}`);
    expect((await expectProblem(answer)).status).toBeLessThan(500);
  });
});

describe('headers of any size', () => {
  const expectRefusal = (answer: string) => {
    const [, status, headers = '', body = ''] =
      /^HTTP\/1\.1 (\d+) [^\r]*\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(answer) ?? [];
    expect(status).toBe('431');
    expect(headers).toMatch(/^content-type: application\/problem\+json/im);
    const requestId = /^x-request-id: (\S+)/im.exec(headers)?.[1];
    expect(requestId).toMatch(/^[\w.-]{8,}$/);
    expect(JSON.parse(body)).toMatchObject({ status: 431, code: expect.any(String), requestId });
    expect(answer).not.toContain('AAAA');
  };
  const withToken = (length: number) =>
    quickly(() =>
      sendRaw(server.port, `GET ${ME} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'A'.repeat(length)}\r\n\r\n`),
    );

  it('of 20 KB are refused in the shape of every other refusal', async () => {
    expectRefusal(await withToken(20_000));
  });

  it('of 1 MB are refused in that shape, or the connection is cut in the middle of them', async () => {
    const answer = await withToken(1_000_000);
    if (answer !== '') expectRefusal(answer);
  });

  it('that are no HTTP are refused', async () => {
    for (const text of ['rubbish\r\n\r\n', `GET ${ME} HTTP/1.1\r\nHo st: x\r\n\r\n`, '\u0016\u0003\u0001\u0000']) {
      expect(await quickly(() => sendRaw(server.port, text))).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it('that announce two lengths are refused: no request hides in another', async () => {
    const hidden = `POST /auth/logout HTTP/1.1\r\nHost: x\r\n${bearerLine()}\r\n`;
    for (const lengths of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked',
      'Content-Length: 4\r\nContent-Length: 5',
    ]) {
      const answer = await sendRaw(
        server.port,
        `POST /auth/logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lengths}\r\n\r\n0\r\n\r\n${hidden}`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).not.toContain('204');
    }
  });
});

function bearerLine(): string {
  return `Authorization: ${bearer(tokens.accessToken).authorization}\r\n`;
}
