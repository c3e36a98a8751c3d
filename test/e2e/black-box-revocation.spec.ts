import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bearer, BlackBox, expectProblem, type Replica, type Tokens } from '../support/black-box.js';

// Whole processes: on a busy machine they take their time.
jest.setTimeout(60_000);

const ADMIN = 'head@example.com';
const ME = '/api/users/me';

let box: BlackBox;
let one: Replica;
let two: Replica;
beforeAll(async () => {
  box = await BlackBox.open({ replicas: 2, env: { ADMIN_EMAILS: ADMIN } });
  [one, two] = box.replicas as [Replica, Replica];
});
afterAll(() => box.close());

async function killedAndStartedAgain(): Promise<void> {
  await Promise.all([one, two].map((replica) => replica.stop('SIGKILL')));
  await Promise.all([one, two].map((replica) => replica.start()));
}

async function expectEverywhere(headers: Record<string, string>, status: number): Promise<void> {
  for (const { url: at } of [one, two]) expect((await box.send('GET', ME, { headers, at })).status).toBe(status);
}

/** Access and refresh token are both worth nothing, at every process. */
async function expectEnded(...all: Tokens[]): Promise<void> {
  for (const { accessToken, refreshToken } of all) {
    await box.expectRefusedEverywhere(bearer(accessToken));
    for (const { url } of [one, two]) expect((await box.refresh(refreshToken, url)).status).toBe(401);
  }
}

describe('one’s own devices', () => {
  interface Listed {
    readonly id: string;
    readonly current: boolean;
  }
  const listed = async (tokens: Tokens, at: Replica): Promise<Listed[]> => {
    const answer = await box.send('GET', '/auth/sessions', { headers: bearer(tokens.accessToken), at: at.url });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toMatch(/no-store/);
    return (await answer.json()) as Listed[];
  };
  const idOf = async (tokens: Tokens) => (await listed(tokens, one)).find(({ current }) => current)?.id ?? 'none';
  const end = (id: string, tokens: Tokens, at: Replica) =>
    box.send('DELETE', `/auth/sessions/${id}`, { headers: bearer(tokens.accessToken), at: at.url });

  it('are listed, with the one that asks', async () => {
    const first = await box.tokens('owner');
    await box.tokens('owner');
    await box.tokens('neighbour');
    for (const at of [one, two]) {
      const all = await listed(first, at);
      expect(all).toHaveLength(2);
      for (const each of all) {
        expect(each).toEqual({
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
          lastUsedAt: expect.stringMatching(/^\d{4}-.*Z$/),
          address: '127.0.0.1',
          userAgent: 'TestBrowser/1.0',
          current: expect.any(Boolean),
        });
      }
      expect(all.filter(({ current }) => current)).toHaveLength(1);
      expect(JSON.stringify(all)).not.toContain(first.refreshToken.slice(0, 20));
    }
  });

  it('are ended one by one, at one process for all, and stay ended after a kill', async () => {
    const [kept, gone] = [await box.tokens('tidy'), await box.tokens('tidy')];
    await expectEverywhere(bearer(gone.accessToken), 200);
    expect((await end(await idOf(gone), kept, one)).status).toBe(204);
    await expectEnded(gone);
    await killedAndStartedAgain();
    await expectEnded(gone);
    await expectEverywhere(bearer(kept.accessToken), 200);
    expect(await listed(kept, two)).toHaveLength(1);
  });

  it('are nobody else’s', async () => {
    const [mine, foreign] = [await box.tokens('mine'), await box.tokens('foreign')];
    await expectProblem(await end(await idOf(foreign), mine, one), { status: 404 });
    for (const id of ['nonsense', '00000000-0000-0000-0000-000000000000', '%00']) {
      expect([400, 404]).toContain((await expectProblem(await end(id, mine, two))).status);
    }
    await expectEverywhere(bearer(foreign.accessToken), 200);
    await box.refreshed(foreign.refreshToken);
  });

  it('all end at once, for this person alone', async () => {
    const devices = [await box.tokens('everywhere'), await box.tokens('everywhere'), await box.tokens('everywhere')];
    const browser = await box.signedIn('everywhere');
    const access = browser.cookie('hx_at') ?? '';
    const other = await box.tokens('elsewhere');
    // Known to both as good, and so kept in their memory.
    for (const { accessToken } of devices) await expectEverywhere(bearer(accessToken), 200);
    const answer = await box.send('POST', '/auth/logout-all', {
      headers: bearer(devices[0]!.accessToken),
      at: two.url,
    });
    expect(answer.status).toBe(204);
    await expectEnded(...devices);
    await box.expectRefusedEverywhere(bearer(access));
    await killedAndStartedAgain();
    await expectEnded(...devices);
    await expectEverywhere(bearer(other.accessToken), 200);
    expect((await browser.post('/auth/refresh')).status).toBe(401);
    await box.tokens('everywhere');
  });

  it('are not ended by a foreign page', async () => {
    const browser = await box.signedIn('visited');
    const headers = { origin: 'https://evil.example' };
    await expectProblem(await browser.post('/auth/logout-all', undefined, headers), { status: 403 });
    const [session] = (await (await browser.get('/auth/sessions')).json()) as Listed[];
    await expectProblem(await browser.delete(`/auth/sessions/${session?.id ?? ''}`, headers), { status: 403 });
    expect((await browser.get(ME)).status).toBe(200);
  });
});

describe('an administrator', () => {
  const send = (verb: 'disable' | 'enable', id: string, tokens: Tokens, at = one) =>
    box.send('POST', `/api/admin/users/${id}/${verb}`, { headers: bearer(tokens.accessToken), at: at.url });

  it('shuts somebody out everywhere within a second, and lets them in again', async () => {
    const admin = await box.tokens('head', { email: ADMIN });
    expect(admin.user.role).toBe('admin');
    const [out, out2, other] = [
      await box.tokens('shut-out'),
      await box.tokens('shut-out'),
      await box.tokens('not-shut-out'),
    ];
    const key = await newKey(out, ['profile:read']);
    await expectEverywhere({ 'x-api-key': key.key }, 200);

    const list = await box.send('GET', '/api/admin/users', { headers: bearer(admin.accessToken), at: two.url });
    expect([list.status, await list.text()]).toEqual([200, expect.stringContaining(out.user.id)]);
    expect((await send('disable', out.user.id, admin)).status).toBe(200);
    await expectEnded(out, out2);
    await box.expectRefusedEverywhere({ 'x-api-key': key.key });
    const again = await box.browser().signIn({ sub: 'shut-out' });
    expect(again.status).toBe(403);
    expect(again.headers.getSetCookie().join()).not.toMatch(/hx_[ar]t=[^;]/);
    await expectEverywhere(bearer(other.accessToken), 200);

    await killedAndStartedAgain();
    await expectEnded(out, out2);
    await box.expectRefusedEverywhere({ 'x-api-key': key.key });

    expect((await send('enable', out.user.id, admin, two)).status).toBe(200);
    await expectEverywhere(bearer((await box.tokens('shut-out')).accessToken), 200);
    // What was signed in then stays signed out.
    await expectEnded(out, out2);
  });

  it('is nobody else: no user, and no key of an administrator', async () => {
    const admin = await box.tokens('head', { email: ADMIN });
    const [user, other] = [await box.tokens('ordinary'), await box.tokens('ordinary-too')];
    await expectProblem(await send('disable', other.user.id, user), { status: 403, code: 'admin_only' });
    await expectProblem(await box.send('GET', '/api/admin/users', { headers: bearer(user.accessToken) }), {
      status: 403,
    });
    await expectProblem(await box.send('GET', '/api/admin/users'), { status: 401 });
    const { key } = await newKey(admin, ['profile:read']);
    await expectProblem(await box.send('GET', '/api/admin/users', { headers: { 'x-api-key': key } }), { status: 403 });
    await expectEverywhere(bearer(other.accessToken), 200);
  });

  it('cannot be made out of an address that Google has not verified', async () => {
    const pretender = await box.tokens('pretender', { email: ADMIN, email_verified: false });
    await expectProblem(await box.send('GET', '/api/admin/users', { headers: bearer(pretender.accessToken) }), {
      status: 403,
    });
  });
});

async function newKey(tokens: Tokens, scopes: string[]): Promise<{ id: string; key: string }> {
  const headers = bearer(tokens.accessToken);
  const answer = await box.send('POST', '/api/api-keys', { body: { name: 'a program', scopes }, headers });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toMatch(/no-store/);
  const made = (await answer.json()) as { id: string; key: string };
  box.keepOut(made.key, made.key.split('_').slice(2).join('_'));
  return made;
}

describe('an API key', () => {
  it('is good at every process for what it may, and for no more', async () => {
    const owner = await box.tokens('key-owner');
    const { id, key } = await newKey(owner, ['profile:read']);
    expect(key).toMatch(/^hx_[A-Za-z0-9-]+_[\w-]{30,}$/);
    const headers = { 'x-api-key': key };
    for (const { url: at } of [one, two]) {
      const me = await box.send('GET', ME, { headers, at });
      expect([me.status, await me.json()]).toEqual([200, expect.objectContaining({ id: owner.user.id })]);
    }
    await expectProblem(await box.send('PATCH', ME, { body: { country: 'KR' }, headers }), {
      status: 403,
      code: 'scope_missing',
    });
    for (const [method, path, body] of [
      ['GET', '/auth/sessions', undefined],
      ['POST', '/auth/logout-all', undefined],
      ['GET', '/api/api-keys', undefined],
      ['POST', '/api/api-keys', { name: 'more', scopes: ['profile:read'] }],
      ['DELETE', `/api/api-keys/${id}`, undefined],
      ['POST', '/api/hmac-clients', { name: 'more', scopes: ['profile:read'] }],
    ] as const) {
      await expectProblem(await box.send(method, path, { body, headers }), { status: 403 });
    }
    await expectEverywhere(headers, 200);
  });

  it('that is deleted is refused everywhere within a second, and after a kill', async () => {
    const owner = await box.tokens('key-deleter');
    const [gone, kept] = [await newKey(owner, ['profile:read']), await newKey(owner, ['profile:read'])];
    await expectEverywhere({ 'x-api-key': gone.key }, 200);
    const path = `/api/api-keys/${gone.id}`;
    const stranger = await box.tokens('key-stranger');
    await expectProblem(await box.send('DELETE', path, { headers: bearer(stranger.accessToken) }), { status: 404 });
    await expectEverywhere({ 'x-api-key': gone.key }, 200);
    expect((await box.send('DELETE', path, { headers: bearer(owner.accessToken), at: two.url })).status).toBe(204);
    await box.expectRefusedEverywhere({ 'x-api-key': gone.key });
    await killedAndStartedAgain();
    await expectEverywhere({ 'x-api-key': gone.key }, 401);
    await expectEverywhere({ 'x-api-key': kept.key }, 200);
  });

  it('that is none is refused', async () => {
    const { key } = await newKey(await box.tokens('key-guesser'), ['profile:read']);
    const [, id = ''] = key.split('_');
    const wrong = [
      `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
      key.slice(0, -1),
      `${key}A`,
      `hx_${id}_`,
      `hx_${id}`,
    ];
    for (const text of [...wrong, 'hx__', `hx_${'x'.repeat(5_000)}_y`, key.toUpperCase(), `${id}_${key}`]) {
      await expectProblem(await box.send('GET', ME, { headers: { 'x-api-key': text } }), { status: 401 });
    }
    for (const headers of [bearer(key), { cookie: `hx_at=${key}` }]) {
      await expectProblem(await box.send('GET', ME, { headers }), { status: 401 });
    }
    await expectProblem(await box.send('GET', `${ME}?api_key=${key}`), { status: 400 });
  });
});

describe('an HMAC client', () => {
  interface Client {
    readonly keyId: string;
    readonly secret: string;
  }
  async function newClient(tokens: Tokens): Promise<Client> {
    const body = { name: 'a signing program', scopes: ['profile:read'], tier: 'nextcloud_hmac' };
    const answer = await box.send('POST', '/api/hmac-clients', { body, headers: bearer(tokens.accessToken) });
    expect(answer.status).toBe(201);
    const client = (await answer.json()) as Client;
    box.keepOut(client.secret);
    return client;
  }

  /** RFC 9421, written out by hand: nothing of ours helps. */
  function signed(
    { keyId, secret }: Client,
    { path = ME, age = 0, nonce = randomBytes(16).toString('base64url') } = {},
  ) {
    const created = Math.floor(Date.now() / 1000) - age;
    const parameters = `("@method" "@target-uri");created=${created};nonce="${nonce}";keyid="${keyId}";alg="hmac-sha256"`;
    const base = `"@method": GET\n"@target-uri": ${box.url}${path}\n"@signature-params": ${parameters}`;
    const signature = createHmac('sha256', Buffer.from(secret, 'base64url')).update(base).digest('base64');
    return { 'signature-input': `sig1=${parameters}`, signature: `sig1=:${signature}:` };
  }
  const ask = (headers: Record<string, string>, at: Replica, path = ME) =>
    box.send('GET', path, { headers, at: at.url });

  it('signs for the public address, whichever process answers, and each signature counts once in all', async () => {
    const owner = await box.tokens('signer');
    const client = await newClient(owner);
    for (const at of [one, two]) {
      const me = await ask(signed(client), at);
      expect([me.status, await me.json()]).toEqual([200, expect.objectContaining({ id: owner.user.id })]);
    }
    const once = signed(client);
    expect((await ask(once, one)).status).toBe(200);
    for (const at of [one, two]) await expectProblem(await ask(once, at), { status: 401 });
    const raced = signed(client);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => ask(raced, at % 2 === 0 ? one : two)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
  });

  it('is believed for its own request alone', async () => {
    const client = await newClient(await box.tokens('signer-of-one'));
    const other = { ...client, secret: randomBytes(32).toString('base64url') };
    const unusable: Record<string, string>[] = [
      signed(client, { path: '/api/countries' }),
      signed(client, { path: `${ME}?x=1` }),
      signed(client, { age: 400 }),
      signed(client, { age: -400 }),
      signed(other),
      signed({ ...client, keyId: 'nobody' }),
      { ...signed(client), signature: 'sig1=:AAAA:' },
      { 'signature-input': signed(client)['signature-input'] },
      { signature: signed(client).signature },
    ];
    for (const headers of unusable) {
      await expectProblem(await ask(headers, two), { status: 401 });
    }
    expect((await ask(signed(client), two)).status).toBe(200);
  });

  it('that is deleted is refused everywhere within a second, and after a kill', async () => {
    const owner = await box.tokens('client-deleter');
    const client = await newClient(owner);
    for (const at of [one, two]) expect((await ask(signed(client), at)).status).toBe(200);
    const path = `/api/hmac-clients/${client.keyId}`;
    expect((await box.send('DELETE', path, { headers: bearer(owner.accessToken) })).status).toBe(204);
    const deadline = performance.now() + 1_000;
    for (const at of [one, two]) {
      let { status } = await ask(signed(client), at);
      while (status === 200 && performance.now() < deadline) ({ status } = await ask(signed(client), at));
      expect(status).toBe(401);
    }
    await killedAndStartedAgain();
    for (const at of [one, two]) await expectProblem(await ask(signed(client), at), { status: 401 });
  });
});
