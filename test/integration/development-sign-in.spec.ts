import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import {
  type ApiProcess,
  ApiProcesses,
  attemptAt,
  type Attempt,
  location,
  publishedKeys,
  redeem,
  signedIn,
  verified,
  Visitor,
} from '../support/development-sign-in.js';
import { testDatabase } from '../support/test-database.js';

let database: Awaited<ReturnType<typeof testDatabase>>;
let processes: ApiProcesses;

beforeAll(async () => {
  database = await testDatabase();
  processes = new ApiProcesses(database.dataSource);
});

beforeEach(() => {
  // Refusals are logged; here they are on purpose.
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await processes.stopAll();
});

afterAll(() => database.drop());

describe('the development sign-in', () => {
  it('answers a typed account by a verifiable ID token, as Google does', async () => {
    const at = await processes.start();
    const attempt = attemptAt(at);
    const visitor = new Visitor(at);
    const page = await visitor.begin(attempt);
    const callback = await visitor.choose(page, { email: 'Somebody@example.com', name: 'Some Body' });
    expect(Object.fromEntries(callback)).toEqual({
      code: expect.any(String),
      state: attempt.state,
      iss: at.signIn.client().issuer,
    });

    const { status, body } = await redeem(at, attempt, callback.get('code'));
    expect(status).toBe(200);
    expect(body.token_type).toBe('Bearer');
    const claims = await verified(at, body.id_token);
    expect(claims).toMatchObject({
      sub: expect.stringMatching(/^dev-[0-9a-f]{32}$/),
      email: 'Somebody@example.com',
      email_verified: true,
      name: 'Some Body',
      nonce: attempt.nonce,
    });
    expect(claims.exp! - claims.iat!).toBeLessThanOrEqual(3_600);
  });

  it('says nothing on the console at start and during a sign-in', async () => {
    const spoken = (['log', 'info', 'warn', 'error'] as const).map((name) => jest.spyOn(console, name));
    await signedIn(await processes.start(), { email: 'quiet@example.com' });
    for (const method of spoken) expect(method).not.toHaveBeenCalled();
  });

  it('knows one address as one person, in whichever case it is typed', async () => {
    const at = await processes.start();
    const first = await signedIn(at, { email: 'one@example.com', name: 'One' });
    const second = await signedIn(at, { email: 'ONE@example.com' });
    expect(second.sub).toBe(first.sub);
    expect(second.name).toBe('One');
    const other = await signedIn(at, { email: 'two@example.com' });
    expect(other.sub).not.toBe(first.sub);
    expect(other).not.toHaveProperty('name');
  });

  it('lets a developer pretend that an address is not verified', async () => {
    const claims = await signedIn(await processes.start(), { email: 'loose@example.com', unverified: 'on' });
    expect(claims.email_verified).toBe(false);
  });

  it('offers examples and the accounts used before, each a choice of its own', async () => {
    const at = await processes.start();
    const used = await signedIn(at, { email: 'used.before@example.com', name: 'Used Before' });
    const visitor = new Visitor(at);
    const page = await (await visitor.open(await visitor.begin(attemptAt(at)))).text();
    expect(page).toContain('developer@example.com');
    expect(page).toContain('used.before@example.com');
    expect(page).toMatch(/unverified@example\.com <em class="mark">address not verified/);

    const again = await signedIn(at, { account: used.sub! });
    expect(again).toMatchObject({ sub: used.sub, email: 'used.before@example.com', name: 'Used Before' });
    const example = /value="(dev-[0-9a-f]+)"><strong>Developer</.exec(page)?.[1];
    expect(await signedIn(at, { account: example! })).toMatchObject({
      email: 'developer@example.com',
      name: 'Developer',
    });
  });

  it('shows the page at every sign-in of one browser, also after another person', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const first = await signedIn(at, { email: 'first@example.com' }, visitor);
    const second = await signedIn(at, { email: 'second@example.com' }, visitor);
    expect(second.sub).not.toBe(first.sub);
    for (const prompt of ['', 'login', 'consent', 'login consent']) {
      const page = await visitor.open(await visitor.begin(attemptAt(at, { prompt })));
      expect(await page.text()).toContain('Choose an account');
    }
  });

  it('refuses prompt=none, since somebody has to choose', async () => {
    const at = await processes.start();
    const response = await new Visitor(at).open(attemptAt(at, { prompt: 'none' }).url);
    expect(location(response).searchParams.get('error')).toBe('login_required');
  });

  it('answers access_denied where the visitor cancels', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const attempt = attemptAt(at);
    const callback = await visitor.choose(await visitor.begin(attempt), { cancel: 'yes' });
    expect(callback.get('error')).toBe('access_denied');
    expect(callback.get('state')).toBe(attempt.state);
    expect(callback.has('code')).toBe(false);
  });

  it('fills the address of login_hint into the form', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const page = await visitor.open(await visitor.begin(attemptAt(at, { login_hint: 'hint@example.com' })));
    expect(await page.text()).toContain('value="hint@example.com"');
  });

  it('goes by PUBLIC_URL also where a proxy adds TLS before it', async () => {
    const at = await processes.start({ PUBLIC_URL: 'https://hackonomics.localhost:8443' });
    const visitor = new Visitor(at);
    const attempt = attemptAt(at);
    const page = await visitor.begin(attempt);
    expect(page).toMatch(/^https:\/\/hackonomics\.localhost:8443\/dev-sign-in\/interaction\//);
    const resumed = location(await visitor.submit(page, { email: 'proxied@example.com' }));
    expect(resumed.href).toMatch(/^https:\/\/hackonomics\.localhost:8443\/dev-sign-in\/auth\//);
    const callback = location(await visitor.open(resumed.href));
    const { body } = await redeem(at, attempt, callback.searchParams.get('code'));
    expect((await verified(at, body.id_token)).email).toBe('proxied@example.com');
  });

  it('publishes its metadata, with the issuer that its tokens bear and addresses of PUBLIC_URL', async () => {
    const at = await processes.start();
    const { issuer } = at.signIn.client();
    const metadata = await (await fetch(`${at.url}/dev-sign-in/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });
});

describe('codes of the development sign-in', () => {
  async function code(at: ApiProcess): Promise<{ attempt: Attempt; code: string | null }> {
    const attempt = attemptAt(at);
    const visitor = new Visitor(at);
    const callback = await visitor.choose(await visitor.begin(attempt), { email: 'code@example.com' });
    return { attempt, code: callback.get('code') };
  }

  it.each([
    ['another verifier', { code_verifier: randomBytes(32).toString('base64url') }, 400, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 400, 'invalid_grant'],
    ['another redirect address', { redirect_uri: 'http://localhost:1/auth/google/callback' }, 400, 'invalid_grant'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['another client', { client_id: 'another' }, 401, 'invalid_client'],
    ['an invented code', { code: 'invented' }, 400, 'invalid_grant'],
    ['a NUL in the code', { code: 'invented\0' }, 400, 'invalid_grant'],
    ['a NUL in the client', { client_id: 'another\0' }, 401, 'invalid_client'],
  ])('are not redeemed with %s', async (_case, changes, status, error) => {
    const at = await processes.start();
    const { attempt, code: issued } = await code(at);
    expect(await redeem(at, attempt, issued, changes)).toMatchObject({ status, body: { error } });
  });

  it('are redeemed once', async () => {
    const at = await processes.start();
    const { attempt, code: issued } = await code(at);
    expect((await redeem(at, attempt, issued)).status).toBe(200);
    expect(await redeem(at, attempt, issued)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('are redeemed once, also where two processes are asked at the same moment', async () => {
    const first = await processes.start();
    const second = await processes.start({ PUBLIC_URL: first.publicUrl });
    const { attempt, code: issued } = await code(first);
    const everyone = [first, second, first, second, first, second];
    const answers = await Promise.all(everyone.map((at) => redeem(at, attempt, issued)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
  });

  it('are redeemed at any process, and their tokens verified by the keys of any', async () => {
    const first = await processes.start();
    const second = await processes.start({ PUBLIC_URL: first.publicUrl });
    const { attempt, code: issued } = await code(first);
    const { status, body } = await redeem(second, attempt, issued);
    expect(status).toBe(200);
    expect((await verified(first, body.id_token)).email).toBe('code@example.com');
    expect((await verified(second, body.id_token)).email).toBe('code@example.com');
  });

  it('are not issued without PKCE, for another redirect address or to another client', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const noPkce = await visitor.open(attemptAt(at, { code_challenge: '', code_challenge_method: '' }).url);
    expect(location(noPkce).searchParams.get('error')).toBe('invalid_request');

    const changes: Record<string, string>[] = [
      { redirect_uri: 'http://evil.example/callback' },
      { client_id: '<b>another</b>' },
    ];
    for (const change of changes) {
      const refused = await visitor.open(attemptAt(at, change).url);
      expect(refused.status).toBe(400);
      expect(refused.headers.has('location')).toBe(false);
      const page = await refused.text();
      expect(page).toContain('This request was refused');
      expect(page).not.toMatch(/evil|another/);
    }
  });
});

describe('a sign-in that crosses processes', () => {
  it('goes on at any of them, and after a restart', async () => {
    const first = await processes.start();
    const attempt = attemptAt(first);
    const visitor = new Visitor(first);
    const page = await visitor.begin(attempt);
    const keys = await publishedKeys(first);

    const { publicUrl } = first;
    await processes.stopAll();
    const second = await processes.start({ PUBLIC_URL: publicUrl });
    visitor.at = second;
    const callback = await visitor.choose(page, { email: 'restart@example.com' });
    const { status, body } = await redeem(second, attempt, callback.get('code'));
    expect(status).toBe(200);
    expect((await verified(second, body.id_token)).nonce).toBe(attempt.nonce);
    expect(await publishedKeys(second)).toEqual(keys);
  });

  it('starts with one key where several processes start at once on an empty table', async () => {
    await database.dataSource.query('DELETE FROM development_sign_in_records');
    const three = await Promise.all([processes.start(), processes.start(), processes.start()]);
    const [keys, ...others] = await Promise.all(three.map(publishedKeys));
    expect(keys?.keys).toHaveLength(1);
    expect(keys?.keys[0]).not.toHaveProperty('d');
    expect(others).toEqual([keys, keys]);
  });

  it('does not outlive its time: what has expired is gone at the next start', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const page = await visitor.begin(attemptAt(at));
    await database.dataSource.query(
      `UPDATE development_sign_in_records SET expires_at = now() WHERE kind = 'Interaction'`,
    );
    const late = await visitor.open(page);
    expect(late.status).toBe(400);
    expect(await late.text()).toContain('no longer open');
    await processes.start();
    const [{ count }] = await database.dataSource.query(
      `SELECT count(*)::int AS count FROM development_sign_in_records WHERE expires_at <= now()`,
    );
    expect(count).toBe(0);
  });
});
