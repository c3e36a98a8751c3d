import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, problemOf, SignInHouse, type Tokens } from '../support/sign-in-house.js';

const DAY_MS = 24 * 3_600_000;

let house: SignInHouse;
beforeAll(async () => {
  house = await SignInHouse.open({ ADMIN_EMAILS: 'first-admin@example.com' });
});
afterAll(() => house.close());

async function refreshed(token: string): Promise<Tokens> {
  const answer = await house.refresh(token);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Tokens;
}

async function expectEnded(token: string): Promise<void> {
  expect(await problemOf(await house.refresh(token))).toMatchObject({ status: 401, code: 'session_ended' });
}

describe('a program', () => {
  it('exchanges its refresh token for new tokens', async () => {
    const first = await house.tokens('rotating');
    const answer = await house.refresh(first.refreshToken);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.getSetCookie()).toEqual([]);
    const second = (await answer.json()) as Tokens;
    expect(second).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 600,
    });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await house.access(second.accessToken)).toBe(200);
    await refreshed(second.refreshToken);
  });

  it('keeps an access token of ten minutes', async () => {
    const { accessToken } = await house.tokens('ten-minutes');
    house.clock.advance(600_000 - 1_000);
    expect(await house.access(accessToken)).toBe(200);
    house.clock.advance(1_000);
    expect(await problemOf(await house.send('GET', '/api/users/me', { headers: bearer(accessToken) }))).toMatchObject({
      status: 401,
      code: 'token_expired',
    });
  });

  it('may refresh with the header of the token that has expired', async () => {
    const { accessToken, refreshToken } = await house.tokens('default-header');
    house.clock.advance(700_000);
    const answer = await house.send('POST', '/auth/refresh', { body: { refreshToken }, headers: bearer(accessToken) });
    expect(answer.status).toBe(200);
  });
});

describe('a browser', () => {
  it('gets new cookies', async () => {
    const browser = await house.signedIn('cookie-refresh');
    const [access, refresh] = [browser.cookie('hx_at'), browser.cookie('hx_rt')];
    const answer = await browser.post('/auth/refresh');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ expiresIn: 600 });
    expect(browser.cookie('hx_at')).not.toBe(access);
    expect(browser.cookie('hx_rt')).not.toBe(refresh);
    expect((await browser.get('/api/users/me')).status).toBe(200);
  });

  it('keeps a cookie no longer than the session has left', async () => {
    const browser = await house.signedIn('short-cookie');
    for (const days of [13, 13]) {
      house.clock.advance(days * DAY_MS);
      expect((await browser.post('/auth/refresh')).status).toBe(200);
    }
    expect(browser.cookieAttributes('hx_rt')).toContain(`Max-Age=${4 * 86_400}`);
  });

  it('loses its cookies when the session is over, and says so when it has none', async () => {
    const browser = await house.signedIn('forgotten');
    house.clock.advance(14 * DAY_MS);
    expect(await problemOf(await browser.post('/auth/refresh'))).toMatchObject({ status: 401, code: 'session_ended' });
    expect(browser.cookieNames()).toEqual([]);
    const answer = await browser.post('/auth/refresh');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'not_signed_in' });
  });

  it('is not heard beside an Authorization header', async () => {
    const browser = await house.signedIn('beside');
    const answer = await browser.post('/auth/refresh', undefined, { authorization: 'Bearer nonsense', origin: '' });
    expect(answer.status).toBe(401);
    expect((await browser.post('/auth/refresh')).status).toBe(200);
  });
});

describe('the same token again', () => {
  it('yields the same successor for ten seconds', async () => {
    const { refreshToken } = await house.tokens('two-tabs');
    const first = await refreshed(refreshToken);
    house.clock.advance(10_000);
    const second = await refreshed(refreshToken);
    expect(second.refreshToken).toBe(first.refreshToken);
    await refreshed(first.refreshToken);
  });

  it('ends that session, and only that one, after ten seconds', async () => {
    const [stolen, other] = [await house.tokens('robbed'), await house.tokens('robbed')];
    const successor = await refreshed(stolen.refreshToken);
    house.clock.advance(10_001);
    await expectEnded(stolen.refreshToken);
    await expectEnded(successor.refreshToken);
    expect(await house.access(successor.accessToken)).toBe(401);
    expect(await house.access(other.accessToken)).toBe(200);
    await refreshed(other.refreshToken);
  });

  it('ends the session when it is two generations old, however quickly it comes', async () => {
    const first = await house.tokens('two-back');
    const second = await refreshed(first.refreshToken);
    const third = await refreshed(second.refreshToken);
    await expectEnded(first.refreshToken);
    await expectEnded(third.refreshToken);
  });

  it('makes one generation of twenty at once', async () => {
    const { refreshToken, user } = await house.tokens('crowd');
    const all = await Promise.all(Array.from({ length: 20 }, () => refreshed(refreshToken)));
    expect(new Set(all.map((tokens) => tokens.refreshToken)).size).toBe(1);
    const [session] = (await house.sessions()).filter(({ userId }) => userId === user.id);
    expect(session?.generation).toBe(1);
    await refreshed(all[0]?.refreshToken ?? '');
  });
});

describe('what is no refresh token of ours', () => {
  it('is refused and ends nothing', async () => {
    const { accessToken, refreshToken } = await house.tokens('guessed');
    const flipped = refreshToken.startsWith('A') ? `B${refreshToken.slice(1)}` : `A${refreshToken.slice(1)}`;
    const wrong = [
      '',
      'x',
      refreshToken.slice(0, -1),
      `${refreshToken}A`,
      ` ${refreshToken}`,
      flipped,
      `${refreshToken.slice(0, -1)}${refreshToken.endsWith('A') ? 'B' : 'A'}`,
      accessToken,
      'A'.repeat(91),
      'A'.repeat(1_024),
      '\u0000'.repeat(91),
    ];
    for (const token of wrong) {
      expect(await problemOf(await house.refresh(token))).toMatchObject({ status: 401, code: 'refresh_token_invalid' });
    }
    expect(await house.access(accessToken)).toBe(200);
    await refreshed(refreshToken);
  });

  it('is named where it has another type', async () => {
    for (const refreshToken of [1, null, {}, ['a'], true]) {
      const answer = await house.send('POST', '/auth/refresh', { body: { refreshToken } });
      expect(await problemOf(answer)).toMatchObject({
        status: 400,
        errors: [{ field: 'refreshToken', message: 'must be text' }],
      });
    }
    const unknown = await house.send('POST', '/auth/refresh', { body: { refresh_token: 'x' } });
    expect(await problemOf(unknown)).toMatchObject({ status: 400, errors: [{ field: 'refresh_token' }] });
  });

  it('is stored nowhere readable', async () => {
    const { refreshToken } = await house.tokens('unreadable');
    const successor = await refreshed(refreshToken);
    const secret = (token: string) => Buffer.from(token, 'base64url').subarray(20, 52);
    const stored = Buffer.concat(
      (await house.sessions()).flatMap((row) => [row.tokenHash, row.previousTokenHash ?? Buffer.alloc(0)]),
    );
    for (const token of [refreshToken, successor.refreshToken]) expect(stored.includes(secret(token))).toBe(false);
  });
});

describe('a session', () => {
  it('ends after fourteen idle days', async () => {
    const [idle, used] = [await house.tokens('idle'), await house.tokens('used')];
    house.clock.advance(14 * DAY_MS - 1);
    await refreshed(used.refreshToken);
    house.clock.advance(1);
    await expectEnded(idle.refreshToken);
  });

  it('ends after thirty days however often it is used', async () => {
    let { refreshToken } = await house.tokens('busy');
    for (let days = 10; days < 30; days += 10) {
      house.clock.advance(10 * DAY_MS);
      ({ refreshToken } = await refreshed(refreshToken));
    }
    house.clock.advance(10 * DAY_MS - 1);
    ({ refreshToken } = await refreshed(refreshToken));
    house.clock.advance(1);
    await expectEnded(refreshToken);
  });

  it('looks again at who is an administrator', async () => {
    const { refreshToken, user } = await house.tokens('first-admin');
    expect(user.role).toBe('admin');
    // As if the list had been another one at the sign-in.
    await house.server.database.dataSource.query(`UPDATE users SET role = 'user' WHERE id = $1`, [user.id]);
    const { accessToken } = await refreshed(refreshToken);
    const me = await house.send('GET', '/api/users/me', { headers: bearer(accessToken) });
    expect(await me.json()).toMatchObject({ role: 'admin' });

    const replica = await house.replica({ ADMIN_EMAILS: '' });
    try {
      const again = await house.tokens('first-admin');
      await fetch(`${replica.url}/auth/refresh`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken: again.refreshToken }),
      });
      expect((await house.users()).find(({ id }) => id === user.id)?.role).toBe('user');
    } finally {
      await replica.stop();
    }
  });

  it('of a disabled account neither goes on nor begins', async () => {
    const { refreshToken, user } = await house.tokens('disabled');
    await house.server.database.dataSource.query('UPDATE users SET disabled_at = now() WHERE id = $1', [user.id]);
    await expectEnded(refreshToken);
    const page = await house.browser().signIn({ sub: 'disabled' });
    expect(page.status).toBe(403);
    expect(await page.text()).toContain('This account is disabled');
    expect((await house.sessions()).filter(({ userId }) => userId === user.id)).toHaveLength(1);
  });
});
