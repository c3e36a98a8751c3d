import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { bearer, JSON_CALLER, SignInHouse } from '../support/sign-in-house.js';

let house: SignInHouse;
beforeAll(async () => {
  house = await SignInHouse.open();
});
afterAll(() => house.close());
afterEach(() => house.google.clearOrders());

interface Line {
  readonly action: string;
  readonly person: string | null;
  readonly target: string | null;
  readonly reason: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
}

const linesAfter = (id: string): Promise<Line[]> =>
  house.server.database.dataSource.query(
    `SELECT action, person, target, reason, address, user_agent, request_id FROM audit_events WHERE id > $1 ORDER BY id`,
    [id],
  );

async function lastId(): Promise<string> {
  const [row] = await house.server.database.dataSource.query<{ id: string }[]>(
    'SELECT coalesce(max(id), 0) AS id FROM audit_events',
  );
  return row?.id ?? '0';
}

/** The lines that an action leaves; refusals of a sign-in are written beside the answer, so they are waited for. */
async function linesOf(act: () => Promise<unknown>, count: number): Promise<Line[]> {
  const before = await lastId();
  await act();
  await eventually('the lines are written', async () => (await linesAfter(before)).length >= count);
  return linesAfter(before);
}

describe('the audit log', () => {
  it('tells of a sign-in: who, from where, with which request', async () => {
    const lines = await linesOf(async () => {
      const browser = house.browser();
      await browser.signIn({ sub: 'noted' }, { headers: { ...JSON_CALLER, 'x-request-id': 'the-request-1' } });
    }, 1);
    const [user] = (await house.users()).filter(({ subject }) => subject === 'noted');
    const [session] = (await house.sessions()).filter(({ userId }) => userId === user?.id);
    expect(lines).toEqual([
      {
        action: 'sign_in.succeeded',
        person: user?.id,
        target: session?.id,
        reason: 'user',
        address: '127.0.0.1',
        user_agent: 'TestBrowser/1.0',
        request_id: 'the-request-1',
      },
    ]);
  });

  it('tells of a sign-in that was refused, and why', async () => {
    house.google.refuse();
    const denied = await linesOf(() => house.browser().signIn({ sub: 'denied' }), 1);
    expect(denied).toMatchObject([{ action: 'sign_in.refused', person: null, reason: 'sign_in_denied' }]);
    house.google.hostile('wrong_nonce');
    const forged = await linesOf(() => house.browser().signIn({ sub: 'forged' }), 1);
    expect(forged).toMatchObject([{ action: 'sign_in.refused', reason: 'google_failed', address: '127.0.0.1' }]);
    const strange = await linesOf(() => house.browser().get('/auth/google/callback?code=x&state=y'), 1);
    expect(strange).toMatchObject([{ action: 'sign_in.refused', reason: 'sign_in_unknown' }]);
  });

  it('names the person whose account is disabled', async () => {
    const { user } = await house.tokens('disabled');
    await house.server.database.dataSource.query('UPDATE users SET disabled_at = now() WHERE id = $1', [user.id]);
    const lines = await linesOf(() => house.browser().signIn({ sub: 'disabled' }), 1);
    expect(lines).toMatchObject([{ action: 'sign_in.refused', person: user.id, reason: 'account_disabled' }]);
  });

  it('tells of rotations, of reuse, and of signing out', async () => {
    const first = await house.tokens('rotating');
    const person = first.user.id;
    const rotated = await linesOf(() => house.refresh(first.refreshToken), 1);
    expect(rotated).toMatchObject([{ action: 'session.rotated', person, reason: 'user' }]);
    expect(await linesOf(() => house.refresh(first.refreshToken), 0)).toEqual([]);
    house.clock.advance(11_000);
    const reused = await linesOf(() => house.refresh(first.refreshToken), 1);
    expect(reused).toMatchObject([{ action: 'session.reused', person, target: rotated[0]?.target, reason: 'reuse' }]);
    const other = await house.tokens('rotating');
    const out = () => house.send('POST', '/auth/logout', { headers: bearer(other.accessToken) });
    expect(await linesOf(out, 1)).toMatchObject([{ action: 'session.ended', person, reason: 'logout' }]);
    expect(await linesOf(out, 0)).toEqual([]);
  });

  it('tells of credentials that are none, but not of those that have merely expired', async () => {
    const { accessToken, refreshToken } = await house.tokens('guessed-at');
    const guesses = await linesOf(async () => {
      await house.access(`${accessToken.slice(0, -4)}AAAA`);
      await house.refresh(`${refreshToken.slice(0, -4)}AAAA`);
      await house.send('GET', '/api/users/me', { headers: { 'x-api-key': 'hx_guess' } });
    }, 3);
    expect(guesses.map(({ action, reason, person }) => [action, reason, person])).toEqual([
      ['credential.refused', 'token_invalid', null],
      ['credential.refused', 'refresh_token_invalid', null],
      ['credential.refused', 'api_key_invalid', null],
    ]);
    house.clock.advance(601_000);
    expect(await linesOf(() => house.access(accessToken), 0)).toEqual([]);
  });

  it('holds no token, code, name or address of mail', async () => {
    const { accessToken, refreshToken, user } = await house.tokens('secretive');
    await house.refresh(refreshToken);
    const rows = JSON.stringify(await linesAfter('0'));
    for (const text of [accessToken, refreshToken, String(user.email), String(user.name)]) {
      expect(rows).not.toContain(text);
    }
  });
});
