import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, problemOf, SignInHouse, type Tokens } from '../support/sign-in-house.js';
import type { TestApp } from '../support/test-app.js';

let house: SignInHouse;
let replica: TestApp;
beforeAll(async () => {
  house = await SignInHouse.open();
  replica = await house.replica({});
});
afterAll(async () => {
  await replica.stop();
  await house.close();
});

interface Device {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly current: boolean;
}

async function devices({ accessToken }: Tokens): Promise<Device[]> {
  const answer = await house.send('GET', '/auth/sessions', { headers: bearer(accessToken) });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  return (await answer.json()) as Device[];
}

const remove = (id: string, { accessToken }: Tokens) =>
  house.send('DELETE', `/auth/sessions/${id}`, { headers: bearer(accessToken) });

async function currentOf(tokens: Tokens): Promise<Device> {
  const [current] = (await devices(tokens)).filter((device) => device.current);
  if (current === undefined) throw new Error('no device is the current one');
  return current;
}

describe('the list of devices', () => {
  it('shows when, where and with what each signed in, the last used first, and which one asks', async () => {
    const first = await house.tokens('collector');
    house.clock.advance(60_000);
    const second = await house.tokens('collector');
    const browser = await house.signedIn('collector');
    const list = await devices(second);
    expect(list).toHaveLength(3);
    for (const device of list) {
      expect(Object.keys(device)).toEqual(['id', 'createdAt', 'lastUsedAt', 'address', 'userAgent', 'current']);
      expect(device).toMatchObject({ address: '127.0.0.1', userAgent: 'TestBrowser/1.0' });
    }
    expect(list.filter(({ current }) => current)).toHaveLength(1);
    expect(list.at(-1)).toMatchObject({ id: (await currentOf(first)).id, createdAt: '2026-08-03T09:00:00.000Z' });
    const own = (await (await browser.get('/auth/sessions')).json()) as Device[];
    expect(own.map(({ id }) => id).sort()).toEqual(list.map(({ id }) => id).sort());
  });

  it('follows a device through its refreshes', async () => {
    const tokens = await house.tokens('traveller');
    const before = await currentOf(tokens);
    house.clock.advance(300_000);
    const answer = await house.send('POST', '/auth/refresh', {
      body: { refreshToken: tokens.refreshToken },
      headers: { 'user-agent': 'Another/2.0' },
    });
    const after = await currentOf((await answer.json()) as Tokens);
    expect(after).toMatchObject({ id: before.id, createdAt: before.createdAt, userAgent: 'Another/2.0' });
    expect(Date.parse(after.lastUsedAt) - Date.parse(before.lastUsedAt)).toBe(300_000);
  });

  it('leaves out what has ended, idles too long, or is somebody else’s', async () => {
    const [gone, kept] = [await house.tokens('tidy'), await house.tokens('tidy')];
    await house.tokens('somebody-else');
    await house.send('POST', '/auth/logout', { headers: bearer(gone.accessToken) });
    expect(await devices(kept)).toEqual([expect.objectContaining({ current: true })]);
    await house.server.database.dataSource.query(
      `UPDATE sessions SET last_used_at = last_used_at - interval '14 days' WHERE id <> $1`,
      [(await currentOf(kept)).id],
    );
    expect(await devices(await house.tokens('tidy'))).toHaveLength(2);
  });

  it('keeps a long or missing user agent within bounds', async () => {
    const answer = await house
      .browser()
      .signIn(
        { sub: 'verbose' },
        { headers: { accept: 'application/json', 'user-agent': `Long/${'x'.repeat(5_000)}` } },
      );
    expect((await currentOf((await answer.json()) as Tokens)).userAgent).toHaveLength(500);
  });
});

describe('removing a device', () => {
  it('ends it everywhere within a second, and no other', async () => {
    const [lost, kept] = [await house.tokens('loser'), await house.tokens('loser')];
    expect(await house.access(lost.accessToken, replica.url)).toBe(200);
    const { id } = await currentOf(lost);
    const answer = await remove(id, kept);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(await house.access(lost.accessToken)).toBe(401);
    expect(await problemOf(await house.refresh(lost.refreshToken))).toMatchObject({ code: 'session_ended' });
    await house.refusedBy(replica, lost.accessToken);
    expect(await house.access(kept.accessToken, replica.url)).toBe(200);
    expect(await problemOf(await remove(id, kept))).toMatchObject({ status: 404, code: 'session_unknown' });
  });

  it('that asks itself signs out and takes its cookies away', async () => {
    const browser = await house.signedIn('self-remover');
    const [own] = (await (await browser.get('/auth/sessions')).json()) as Device[];
    expect((await browser.delete(`/auth/sessions/${own?.id}`)).status).toBe(204);
    expect(browser.cookieNames()).toEqual([]);
  });

  it('of somebody else, or one that never was, is not known', async () => {
    const [mine, theirs] = [await house.tokens('curious'), await house.tokens('private-person')];
    const { id } = await currentOf(theirs);
    for (const wrong of [id, '00000000-0000-4000-8000-000000000000', 'nonsense', "'", '%00', id.toUpperCase()]) {
      const problem = await problemOf(await remove(wrong, mine));
      expect([400, 404]).toContain(problem.status);
    }
    expect(await house.access(theirs.accessToken)).toBe(200);
  });

  it('needs a page of ours where cookies make it', async () => {
    const browser = await house.signedIn('targeted');
    const [own] = (await (await browser.get('/auth/sessions')).json()) as Device[];
    const foreign = { origin: 'https://evil.example' };
    for (const answer of [
      await browser.delete(`/auth/sessions/${own?.id}`, foreign),
      await browser.post('/auth/logout-all', undefined, foreign),
    ]) {
      expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'origin_refused' });
    }
    expect((await browser.get('/auth/sessions')).status).toBe(200);
  });
});

describe('signing out everywhere', () => {
  it('ends every device of that person on every process, and nobody else’s', async () => {
    const browser = await house.signedIn('everywhere');
    const programs = [await house.tokens('everywhere'), await house.tokens('everywhere')];
    const bystander = await house.tokens('bystander');
    const access = browser.cookie('hx_at') ?? '';
    for (const token of [access, ...programs.map(({ accessToken }) => accessToken), bystander.accessToken])
      expect(await house.access(token, replica.url)).toBe(200);
    expect((await browser.post('/auth/logout-all')).status).toBe(204);
    expect(browser.cookieNames()).toEqual([]);
    for (const { accessToken, refreshToken } of programs) {
      expect(await house.access(accessToken)).toBe(401);
      expect((await house.refresh(refreshToken)).status).toBe(401);
      await house.refusedBy(replica, accessToken);
    }
    await house.refusedBy(replica, access);
    expect(await house.access(bystander.accessToken, replica.url)).toBe(200);
    expect(await devices(await house.tokens('everywhere'))).toHaveLength(1);
  });

  it('works for more devices than fit into one piece of news', async () => {
    const tokens = await house.tokens('hoarder');
    await house.server.database.dataSource.query(
      `INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, generation, token_hash)
       SELECT gen_random_uuid(), user_id, created_at, last_used_at, expires_at, 0, token_hash
         FROM sessions, generate_series(1, 400) WHERE id = $1`,
      [(await currentOf(tokens)).id],
    );
    expect(await devices(tokens)).toHaveLength(401);
    const last = await house.tokens('hoarder');
    expect((await house.send('POST', '/auth/logout-all', { headers: bearer(tokens.accessToken) })).status).toBe(204);
    await house.refusedBy(replica, tokens.accessToken);
    await house.refusedBy(replica, last.accessToken);
  });

  it('needs somebody who is signed in', async () => {
    expect(await problemOf(await house.send('POST', '/auth/logout-all'))).toMatchObject({ status: 401 });
  });
});
