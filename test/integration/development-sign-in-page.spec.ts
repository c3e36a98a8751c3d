import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Logger } from '@nestjs/common';
import { ApiProcesses, attemptAt, FRONT_END, Visitor } from '../support/development-sign-in.js';
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

describe('the page of the development sign-in', () => {
  it('escapes what is typed, asked for and remembered', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const attack = '"><script>alert(1)</script>';
    const page = await visitor.begin(attemptAt(at, { login_hint: attack, state: attack }));
    const shown = [
      await visitor.open(page),
      await visitor.submit(page, { email: attack, name: attack }),
      await visitor.submit(page, { account: attack, email: attack }),
    ];
    expect(shown.map(({ status }) => status)).toEqual([200, 400, 400]);
    for (const response of shown) {
      const html = await response.text();
      expect(html).not.toContain('<script');
      expect(html).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    }
    await visitor.choose(page, { email: "o'hara&co@example.com", name: '<img src=x onerror=alert(1)>' });
    const next = await (await visitor.open(await visitor.begin(attemptAt(at)))).text();
    expect(next).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(next).toContain('o&#39;hara&amp;co@example.com');
    expect(next).not.toContain('<img');
  });

  it('has no script, allows its own style alone, and lets its form lead on to the application', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const response = await visitor.open(await visitor.begin(attemptAt(at)));
    const policy = response.headers.get('content-security-policy') ?? '';
    const style = /<style>([^]*?)<\/style>/.exec(await response.text())?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy.split('; ')).toEqual([
      `default-src 'none'`,
      `style-src 'sha256-${hash}'`,
      `form-action 'self' ${at.publicUrl} ${FRONT_END}`,
      `base-uri 'none'`,
      `frame-ancestors 'none'`,
    ]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['no address', { email: '' }],
    ['half an address', { email: 'somebody@' }],
    ['an address of 255 characters', { email: `${'a'.repeat(243)}@example.com` }],
    ['a NUL in the address', { email: 'some\0body@example.com' }],
    ['a NUL in the account', { account: 'dev-\0' }],
    ['a NUL in the name', { email: 'somebody@example.com', name: 'Some\0body' }],
    ['an endless name', { email: 'somebody@example.com', name: 'a'.repeat(101) }],
  ])('asks again after %s', async (_case, fields) => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const page = await visitor.begin(attemptAt(at));
    const response = await visitor.submit(page, fields);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/aria-invalid="true"[^]*role="alert"/);
    expect((await visitor.choose(page, { email: 'right@example.com' })).has('code')).toBe(true);
  });

  it('takes whatever bytes a request may hold', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const attempt = attemptAt(at, { login_hint: 'nul\0 and \u{1f600}', state: '\0' });
    const callback = await visitor.choose(await visitor.begin(attempt), { email: 'nul@example.com' });
    expect(callback.get('state')).toBe('\0');
  });

  it('is for the browser alone that began the sign-in', async () => {
    const at = await processes.start();
    const page = await new Visitor(at).begin(attemptAt(at));
    const stranger = new Visitor(at);
    await stranger.begin(attemptAt(at));
    const answers = [await stranger.open(page), await stranger.submit(page, { email: 'stranger@example.com' })];
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('no longer open');
    }
  });

  it('takes no form of another origin, not even of another port of localhost', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const page = await visitor.begin(attemptAt(at));
    for (const origin of ['http://localhost:1', 'https://evil.example', 'null']) {
      expect((await visitor.submit(page, { email: 'forced@example.com' }, { origin })).status).toBe(403);
    }
    expect((await visitor.submit(page, { email: 'own@example.com' }, { origin: at.publicUrl })).status).toBe(303);
  });

  it('refuses a large body', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const page = await visitor.begin(attemptAt(at));
    expect((await visitor.submit(page, { email: 'a'.repeat(5_000) })).status).toBe(413);
  });

  it('keeps two sign-ins of one browser apart', async () => {
    const at = await processes.start();
    const visitor = new Visitor(at);
    const [one, two] = [attemptAt(at), attemptAt(at)];
    const [pageOne, pageTwo] = [await visitor.begin(one), await visitor.begin(two)];
    const [answerOne, answerTwo] = [
      await visitor.choose(pageOne, { email: 'tab.one@example.com' }),
      await visitor.choose(pageTwo, { email: 'tab.two@example.com' }),
    ];
    expect(answerOne.get('state')).toBe(one.state);
    expect(answerTwo.get('state')).toBe(two.state);
  });
});

describe('where the development sign-in is', () => {
  it.each([
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['evil.example:80@localhost:3000', 403],
    ['localhost:3000', 200],
    ['127.0.0.1', 200],
    ['[::1]:3000', 200],
  ])('a request for the host "%s" is answered by %i', async (host, status) => {
    const at = await processes.start();
    const request = httpRequest(`${at.url}/dev-sign-in/jwks`, { headers: { host } }).end();
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(status);
  });

  it('its back channel goes by the address we listen at, whatever PUBLIC_URL is', () => {
    const environment = { HOST: '::1', PORT: '4000', PUBLIC_URL: 'https://hackonomics.localhost:8443/app' };
    const client = processes.signInWith(environment).client();
    expect(client).toMatchObject({
      issuer: 'https://hackonomics.localhost:8443/app/dev-sign-in',
      authorizationEndpoint: 'https://hackonomics.localhost:8443/app/dev-sign-in/auth',
      tokenEndpoint: 'http://[::1]:4000/dev-sign-in/token',
      jwksUri: 'http://[::1]:4000/dev-sign-in/jwks',
    });
  });

  it('nothing is mounted where a Google client is configured, or in production', async () => {
    const google = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' };
    const migrate = { NODE_ENV: 'production', ROLE: 'migrate', DATABASE_URL: 'postgres://localhost/none' };
    for (const environment of [google, migrate]) {
      const at = await processes.start(environment);
      const response = await fetch(`${at.url}/dev-sign-in/.well-known/openid-configuration`);
      expect(await response.text()).toBe('not of the provider');
    }
  });
});
