import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { SignatureNonceEntity } from '../../src/auth/signed-requests/signature-nonce.entity.js';
import { SignatureNonces } from '../../src/auth/signed-requests/signature-nonces.repository.js';
import { dataSourceOptions } from '../../src/platform/database/database.js';
import { schema } from '../../src/schema.js';
import { SettableClock } from '../support/settable-clock.js';
import { ClientsInMemory, type SignedRequestsServer, signedRequestsServer } from '../support/signed-requests-server.js';
import { type Headers, send, signed, type Signing } from '../support/signing.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

const PUBLIC_URL = 'https://rates.example.com';
const START = '2026-08-03T09:00:00Z';
const key = { keyId: 'hc_one', secret: randomBytes(32).toString('base64url') };
const clock = new SettableClock(START);
const clients = new ClientsInMemory();
clients.add(key);

let database: TestDatabase;
let other: DataSource;
const servers: SignedRequestsServer[] = [];

const nonces = (source: DataSource) => new SignatureNonces(source.getRepository(SignatureNonceEntity), clock);
const serve = (source: DataSource) =>
  signedRequestsServer({ publicUrl: PUBLIC_URL, clock, clients, nonces: nonces(source) });

beforeAll(async () => {
  database = await testDatabase();
  other = new DataSource(dataSourceOptions(database.url, schema, 8));
  await other.initialize();
  servers.push(await serve(database.dataSource), await serve(other));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await other.destroy();
  await database.drop();
});
beforeEach(() => clock.set(START));

const seconds = () => Math.floor(clock.now().getTime() / 1000);
const sign = (signing: Signing = {}) => signed(key, `${PUBLIC_URL}/api/x`, { created: seconds(), ...signing });
const stored = () => database.dataSource.getRepository(SignatureNonceEntity).count();

describe('a nonce', () => {
  it('counts once, also for another process and after a restart', async () => {
    const request = sign();
    expect((await send(request, servers[0]!.url)).status).toBe(200);
    const restarted = await serve(other);
    for (const { url } of [...servers, restarted])
      expect(await send(request, url)).toMatchObject({ status: 401, body: { code: 'nonce_used' } });
    await restarted.close();
  });

  it('counts once where fifty come at once to two processes', async () => {
    const request = sign();
    const before = await stored();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => send(request, servers[at % 2]!.url)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'nonce_used')).toHaveLength(49);
    expect(await stored()).toBe(before + 1);
  });

  it('is told from that of another client whose name ends differently', async () => {
    const all = nonces(other);
    const until = new Date(clock.now().getTime() + 60_000);
    expect(await all.use('client', 's nonce of ten', until)).toBe(true);
    expect(await all.use('clients', ' nonce of ten', until)).toBe(true);
    expect(await all.use('client', 's nonce of ten', until)).toBe(false);
  });

  it('is kept for as long as its signature could be shown, and forgotten afterwards', async () => {
    const early = sign({ created: seconds() + 299 });
    expect((await send(early, servers[0]!.url)).status).toBe(200);
    clock.advance((299 + 300) * 1000);
    await nonces(other).forgetExpired();
    expect(await send(early, servers[1]!.url)).toMatchObject({ status: 401, body: { code: 'nonce_used' } });
    clock.advance(1_000);
    expect(await send(early, servers[1]!.url)).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
    clock.advance(5 * 60_000);
    expect(await nonces(other).forgetExpired()).toBeGreaterThan(0);
    expect(await stored()).toBe(0);
  });

  it('is forgotten however many there are, by several cleaners at once', async () => {
    await database.dataSource.query(
      `INSERT INTO signature_nonces (hash, expires_at)
       SELECT sha256(n::text::bytea), $1::timestamptz - make_interval(secs => n) FROM generate_series(-9, 12000) n`,
      [clock.now()],
    );
    const counts = await Promise.all([nonces(other), nonces(database.dataSource)].map((all) => all.forgetExpired()));
    expect(counts[0]! + counts[1]!).toBe(12_000);
    expect(await stored()).toBe(10);
  });
});

describe('stores nothing and answers 4xx', () => {
  const good = () => {
    const { headers } = sign();
    return { input: String(headers['signature-input']), signature: String(headers.signature) };
  };
  const both = (input: string | string[], signature: string | string[]): Headers => ({
    'signature-input': input,
    signature,
  });
  it.each<[string, () => Headers]>([
    ['10 KB of components', () => both(good().input.replace('(', `(${'"x-a" '.repeat(1_700)}`), good().signature)],
    ['10 KB of one name', () => both(good().input.replace('("', `("${'x'.repeat(10_000)}" "`), good().signature)],
    [
      'hundreds of members',
      () => both(Array.from({ length: 400 }, (_, at) => `s${at}=("@method")`).join(', '), good().signature),
    ],
    ['thousands of open parentheses', () => both(`sig1=${'('.repeat(10_000)}`, good().signature)],
    ['a nested list', () => both(good().input.replace('("@method"', '(("@method")'), good().signature)],
    ['thousands of parameters', () => both(`${good().input}${';a'.repeat(4_000)}`, good().signature)],
    ['a binary nonce', () => both(good().input.replace(/nonce="[^"]*"/, 'nonce=:AAECAwQFBgc=:'), good().signature)],
    ['two lines of Signature-Input', () => both([good().input, good().input], good().signature)],
    ['two lines of Signature', () => both(good().input, [good().signature, good().signature])],
    ['Signature alone', () => ({ signature: good().signature })],
    ['Signature-Input alone', () => ({ 'signature-input': good().input })],
    ['another label', () => both(good().input.replace('sig1', 'sig2'), good().signature)],
    ['text that is not ASCII', () => both(good().input.replace('hc_one', 'hc_\u00f6ne'), good().signature)],
    ['the key id of another kind', () => both(good().input.replace('hc_one', 'hx_public_secret'), good().signature)],
    [
      'a key id that looks like SQL',
      () => both(good().input.replace('hc_one', `'; DROP TABLE users; --`), good().signature),
    ],
    ['a forged MAC', () => both(good().input, `sig1=:${randomBytes(32).toString('base64')}:`)],
    ['an empty MAC', () => both(good().input, 'sig1=::')],
    ['a MAC of 6 KB', () => both(good().input, `sig1=:${randomBytes(6_000).toString('base64')}:`)],
  ])('%s', async (_what, headers) => {
    const before = await stored();
    const answer = await send(
      { method: 'GET', url: `${PUBLIC_URL}/api/x`, headers: headers(), body: undefined },
      servers[0]!.url,
    );
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_invalid', status: 401 } });
    // Nothing of what came in comes back.
    expect(JSON.stringify(answer.body)).not.toMatch(/hc_|DROP|x-a|sig1/);
    expect(await stored()).toBe(before);
  });
});
