import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, FRONT_END, JSON_CALLER, problemOf, SignInHouse, type Tokens } from '../support/sign-in-house.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** One proxy in front, so that a test can be many addresses; and limits a tenth of the usual. */
let house: SignInHouse;
let people: Tokens[];
beforeAll(async () => {
  house = await SignInHouse.open({ RATE_LIMIT_SCALE: '0.1', TRUST_PROXY: '1' });
  people = [];
  for (let person = 0; person < 6; person++) people.push(await house.tokens(`limited-${person}`));
});
afterAll(() => house.close());

let hosts = 0;
/** Headers of a caller at an address that no other test has used. */
const somewhere = () => ({ 'x-forwarded-for': `198.51.100.${++hosts}` });

type Headers = Record<string, string>;

const write = (person: number, headers: Headers, url = house.url) =>
  fetch(`${url}/api/users/me`, {
    method: 'PATCH',
    headers: { ...headers, ...bearer(people[person]?.accessToken ?? ''), 'content-type': 'application/json' },
    body: '{"country":"KR"}',
  });

const limitsOf = (response: Response) => ({
  policy: response.headers.get('ratelimit-policy'),
  limit: response.headers.get('ratelimit')?.replace(/t=\d+/g, 't=?') ?? null,
  retryAfter: Number(response.headers.get('retry-after')),
});

/** Statuses of so many requests, one after the other. */
async function statuses(count: number, send: (turn: number) => Promise<Response>): Promise<number[]> {
  const all: number[] = [];
  for (let turn = 0; turn < count; turn++) all.push((await send(turn)).status);
  return all;
}

describe('writes', () => {
  it('tell how the limits of the address and of the person stand', async () => {
    const response = await write(0, somewhere());
    expect(response.status).toBe(200);
    expect(limitsOf(response)).toEqual({
      policy: '"writes-address";q=60;w=60, "writes-identity";q=12;w=60',
      limit: '"writes-address";r=59;t=?, "writes-identity";r=11;t=?',
      retryAfter: 0,
    });
  });

  it('are refused to a person from anywhere, with the time to wait, once too many', async () => {
    expect(await statuses(12, () => write(1, somewhere()))).toEqual(Array(12).fill(200));
    const refused = await write(1, somewhere());
    const { limit, policy, retryAfter } = limitsOf(refused);
    expect([limit, policy]).toEqual(['"writes-identity";r=0;t=?', '"writes-identity";q=12;w=60']);
    expect(retryAfter >= 1 && retryAfter <= 60).toBe(true);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(await refused.json()).toMatchObject({
      type: 'urn:hackonomics:problem:too_many_requests',
      title: 'Too many requests',
      status: 429,
      code: 'too_many_requests',
      detail: expect.stringMatching(/^At most 12 of these in one minute are answered\. Please try again in /),
      requestId: refused.headers.get('x-request-id'),
    });
    // Reading goes on.
    expect(await house.access(people[1]?.accessToken ?? '')).toBe(200);
  });

  it('are refused to an address, whoever writes from it', async () => {
    const here = somewhere();
    for (const person of [2, 3, 4, 5])
      expect(await statuses(12, () => write(person, here))).toEqual(Array(12).fill(200));
    // 48 so far: the people behind this address have used up their own limits, and none can use up that of the address.
    expect(await statuses(20, () => write(2, here))).toEqual(Array(20).fill(429));
    const leave = () =>
      house.send('PATCH', '/api/users/me', { headers: { ...here, ...bearer(people[0]?.accessToken ?? '') } });
    expect((await leave()).headers.get('ratelimit')).toMatch(/^"writes-address";r=11;/);
  });

  it('are counted in whatever letters their address is written', async () => {
    const headers = { ...somewhere(), ...bearer(people[0]?.accessToken ?? '') };
    const response = await house.send('PATCH', '/API/Users/ME', { body: { country: 'KR' }, headers });
    expect([response.status, limitsOf(response).policy]).toEqual([
      200,
      '"writes-address";q=60;w=60, "writes-identity";q=12;w=60',
    ]);
  });

  it('that are nobody’s cost nothing: they are refused before', async () => {
    const response = await house.send('PATCH', '/api/users/me', { body: {}, headers: somewhere() });
    expect(response.status).toBe(401);
    expect(response.headers.get('ratelimit')).toBeNull();
  });

  it('alone are counted: reading is not', async () => {
    const response = await fetch(`${house.url}/api/countries`, { headers: somewhere() });
    expect([response.status, response.headers.get('ratelimit')]).toEqual([200, null]);
  });

  it('tell a page of another origin, too', async () => {
    const response = await fetch(`${house.url}/api/countries`, { headers: { origin: FRONT_END } });
    const exposed = response.headers.get('access-control-expose-headers')?.split(',');
    expect(exposed).toEqual(expect.arrayContaining(['RateLimit', 'RateLimit-Policy', 'Retry-After']));
  });
});

describe('signing in and out', () => {
  const login = (headers: Headers) => house.send('GET', '/auth/google/login', { headers });

  it('too often from one address shows a browser a calm page that says when to come again', async () => {
    const here = { ...somewhere(), accept: 'text/html' };
    expect(await statuses(30, () => login(here))).toEqual(Array(30).fill(302));
    for (const path of ['/auth/google/login', '/auth/google/callback?code=c&state=s']) {
      const refused = await house.send('GET', path, { headers: here });
      expect([refused.status, refused.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
      expect(limitsOf(refused)).toMatchObject({
        limit: '"sign_in-address";r=0;t=?',
        policy: '"sign_in-address";q=30;w=60',
      });
      expect(limitsOf(refused).retryAfter).toBeGreaterThan(0);
      expect(await refused.text()).toMatch(
        /<h1>Too many sign-ins at once<\/h1><p>At most 30 of these .* Please try again in/,
      );
    }
    expect(await problemOf(await login({ ...here, ...JSON_CALLER }))).toMatchObject({ code: 'too_many_requests' });
    expect((await login(somewhere())).status).toBe(302);
  });

  it('is still possible where one sign-in was refused half-way: what has begun is not lost', async () => {
    const here = somewhere();
    const browser = house.browser();
    const authorize = new URL((await browser.get('/auth/google/login', here)).headers.get('location') ?? '');
    authorize.searchParams.set('person', JSON.stringify({ sub: 'half-way' }));
    const back = await browser.get(authorize.href);
    await statuses(30, () => login(here));
    const callback = new URL(back.headers.get('location') ?? '');
    expect(callback.pathname).toBe('/auth/google/callback');
    expect((await browser.get(callback.href, here)).status).toBe(429);
    expect((await browser.get(callback.href, somewhere())).status).toBe(303);
  });

  it('tells at a refresh how the limit of the address stands', async () => {
    const response = await house.send('POST', '/auth/refresh', {
      body: { refreshToken: 'none' },
      headers: somewhere(),
    });
    expect(limitsOf(response)).toMatchObject({
      policy: '"refresh-address";q=60;w=60',
      limit: '"refresh-address";r=59;t=?',
    });
  });

  it('out is possible where every other write is refused', async () => {
    const here = somewhere();
    const refresh = () => house.send('POST', '/auth/refresh', { body: { refreshToken: 'none' }, headers: here });
    expect((await statuses(61, refresh)).at(-1)).toBe(429);
    const out = await house.send('POST', '/auth/logout', { headers: here });
    expect([out.status, limitsOf(out).limit]).toEqual([204, '"sign_out-address";r=59;t=?']);
  });
});

describe('a guesser of credentials', () => {
  const guess = (headers: Headers) =>
    house.send('GET', '/api/users/me', { headers: { ...bearer('a.b.c'), ...headers } });

  it('is stopped by its address, whatever else it claims about itself', async () => {
    const { 'x-forwarded-for': real } = somewhere();
    const forged = (turn: number): Headers => ({
      'x-forwarded-for': `203.0.113.${turn}, 2001:db8::${turn}, unknown, ,[::1]:80, ${real}`,
      'x-real-ip': `203.0.113.${turn}`,
      'cf-connecting-ip': `203.0.113.${turn}`,
      'true-client-ip': `203.0.113.${turn}`,
      'x-client-ip': `203.0.113.${turn}`,
      'x-forwarded-host': `host${turn}.example.com`,
      'x-forwarded-proto': 'https',
      forwarded: `for=203.0.113.${turn};host=host${turn}.example.com`,
    });
    expect(await statuses(10, (turn) => guess(forged(turn)))).toEqual([401, 401, 401, ...Array(7).fill(429)]);
    const refused = await guess(forged(11));
    expect(limitsOf(refused)).toMatchObject({ limit: '"failed_credentials-address";r=0;t=?' });
    expect(await problemOf(refused)).toMatchObject({ code: 'too_many_requests' });
  });

  it('has one count for a whole /64, however its addresses are written', async () => {
    const forms = ['2001:db8:9:9::1', '[2001:db8:9:9:a::2]:4711', '2001:0DB8:9:9::1%eth0', '2001:db8:9:9:ffff::'];
    expect(await statuses(4, (turn) => guess({ 'x-forwarded-for': forms[turn] ?? '' }))).toEqual([401, 401, 401, 429]);
    const mapped = ['192.0.2.77', '::ffff:192.0.2.77', '::ffff:c000:24d', '192.0.2.77:4711'];
    expect(await statuses(4, (turn) => guess({ 'x-forwarded-for': mapped[turn] ?? '' }))).toEqual([401, 401, 401, 429]);
  });

  it('harms nobody who is known: a good token goes on from that address', async () => {
    const here = somewhere();
    expect((await statuses(5, () => guess(here))).at(-1)).toBe(429);
    const answer = await house.send('GET', '/api/users/me', {
      headers: { ...here, ...bearer(people[0]?.accessToken ?? '') },
    });
    expect(answer.status).toBe(200);
  });
});

describe('how many proxies are believed', () => {
  let direct: TestApp;
  let behindTwo: TestApp;
  beforeAll(async () => {
    direct = await house.replica({ TRUST_PROXY: '0' });
    behindTwo = await house.replica({ TRUST_PROXY: '2' });
  });
  afterAll(() => Promise.all([direct.stop(), behindTwo.stop()]));

  const guessAt = (url: string, forwarded: string) =>
    fetch(`${url}/api/users/me`, { headers: { ...bearer('a.b.c'), 'x-forwarded-for': forwarded } });

  it('none: what is forwarded means nothing', async () => {
    const all = await statuses(5, (turn) => guessAt(direct.url, `198.18.0.${turn}`));
    expect(all).toEqual([401, 401, 401, 429, 429]);
  });

  it('two: the second from the right is the caller, what is left of it is not believed', async () => {
    const forwarded = (turn: number) => `198.18.1.${turn}, 198.18.2.1, 10.0.0.${turn}`;
    const all = await statuses(5, (turn) => guessAt(behindTwo.url, forwarded(turn)));
    expect(all).toEqual([401, 401, 401, 429, 429]);
    expect((await guessAt(behindTwo.url, '198.18.2.1, 198.18.2.2, 10.0.0.1')).status).toBe(401);
  });
});

describe('RATE_LIMIT_SCALE', () => {
  it.each([
    ['10', '"sign_in-address";q=3000;w=60'],
    ['0', null],
  ])('%s is heeded in what is told', async (RATE_LIMIT_SCALE, policy) => {
    const app = await startTestApp({ env: { ROLE: 'api', RATE_LIMIT_SCALE } });
    try {
      const response = await fetch(`${app.url}/auth/google/login`, { redirect: 'manual' });
      expect([response.status, response.headers.get('ratelimit-policy')]).toEqual([302, policy]);
      const rows = await app.database.dataSource.query<unknown[]>('SELECT key FROM rate_limits');
      expect(rows).toHaveLength(policy === null ? 0 : 1);
    } finally {
      await app.stop();
    }
  });
});
