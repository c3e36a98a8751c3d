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

const ME = '/api/users/me';
const send = (method: string, path: string, { accessToken }: Tokens, body?: unknown) =>
  house.send(method, path, { headers: bearer(accessToken), ...(body === undefined ? {} : { body }) });
const query = <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  house.server.database.dataSource.query(sql, values);

/** Every table and column in which this text stands, audit log included. */
async function placesOf(text: string): Promise<string[]> {
  const tables = await query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await query(`SELECT 1 FROM ${name} AS r WHERE strpos(r::text, $1) > 0 LIMIT 1`, [text]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

describe('taking the account along', () => {
  it('hands over everything that is kept, as one file', async () => {
    const tokens = await house.tokens('exporter');
    await send('PATCH', ME, tokens, { country: 'KR' });
    house.clock.advance(1_000);
    await house.send('POST', '/auth/logout', { headers: bearer((await house.tokens('exporter')).accessToken) });
    const answer = await send('GET', `${ME}/export`, tokens);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="hackonomics-account.json"');
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    const account = (await answer.json()) as Record<string, unknown> & { auditEvents: { action: string }[] };
    expect(account).toMatchObject({
      exportedAt: '2026-08-03T09:00:01.000Z',
      profile: { id: tokens.user.id, country: 'KR', currency: 'KRW' },
      sessions: [
        { endedAt: null, address: '127.0.0.1', userAgent: 'TestBrowser/1.0' },
        { endedAt: '2026-08-03T09:00:01.000Z', endedBecause: 'logout' },
      ],
    });
    expect(account.auditEvents.map(({ action }) => action)).toEqual([
      'sign_in.succeeded',
      'sign_in.succeeded',
      'session.ended',
      'account.exported',
    ]);
    expect(JSON.stringify(account)).not.toMatch(/hash|secret"|issuer|token/i);
  });

  it('holds no one else’s data', async () => {
    const [mine, theirs] = [await house.tokens('exporter-1'), await house.tokens('exporter-2')];
    const text = await (await send('GET', `${ME}/export`, mine)).text();
    expect(text).not.toContain(theirs.user.id);
  });
});

describe('deleting the account', () => {
  it('leaves nothing of the person but audit lines under a pseudonym, and nothing to come in with', async () => {
    const [tokens, other] = [await house.tokens('leaver'), await house.tokens('leaver')];
    await send('PATCH', ME, tokens, { country: 'KR' });
    expect(await house.access(other.accessToken, replica.url)).toBe(200);
    const before = await query<{ n: string }>('SELECT count(*) AS n FROM audit_events');
    const answer = await send('DELETE', ME, tokens);
    expect([answer.status, await answer.text()]).toEqual([204, '']);

    for (const { accessToken, refreshToken } of [tokens, other]) {
      expect(await house.access(accessToken)).toBe(401);
      expect((await house.refresh(refreshToken)).status).toBe(401);
    }
    await house.refusedBy(replica, other.accessToken);
    for (const text of [tokens.user.id, 'leaver']) expect(await placesOf(text)).toEqual([]);

    const lines = await query<{ action: string; person: string; address: string | null; user_agent: string | null }>(
      `SELECT action, person, address, user_agent FROM audit_events
        WHERE person = (SELECT person FROM audit_events WHERE action = 'account.deleted' ORDER BY id DESC LIMIT 1)
        ORDER BY id`,
    );
    expect(lines.map(({ action }) => action)).toEqual([
      'sign_in.succeeded',
      'sign_in.succeeded',
      'session.ended',
      'session.ended',
      'account.deleted',
    ]);
    for (const line of lines) expect([line.address, line.user_agent]).toEqual([null, null]);
    expect(Number((await query<{ n: string }>('SELECT count(*) AS n FROM audit_events'))[0]?.n)).toBe(
      Number(before[0]?.n) + 3,
    );
  });

  it('by a browser takes its cookies away', async () => {
    const browser = await house.signedIn('leaving-browser');
    expect((await browser.delete(ME)).status).toBe(204);
    expect(browser.cookieNames()).toEqual([]);
  });

  it('is no obstacle to a new start, which is an empty one', async () => {
    const first = await house.tokens('returner');
    await send('PATCH', ME, first, { country: 'KR' });
    await send('DELETE', ME, first);
    const second = await house.tokens('returner');
    expect(second.user.id).not.toBe(first.user.id);
    expect(second.user).toMatchObject({ country: null, currency: null });
    const list = (await (await send('GET', '/auth/sessions', second)).json()) as unknown[];
    expect(list).toHaveLength(1);
    expect(await house.access(first.accessToken)).toBe(401);
  });

  it('is known to a process that starts right afterwards', async () => {
    const tokens = await house.tokens('late-leaver');
    await send('DELETE', ME, tokens);
    const late = await house.replica({});
    try {
      const answer = await fetch(`${late.url}/api/exchange-rate`, { headers: bearer(tokens.accessToken) });
      expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'session_ended' });
    } finally {
      await late.stop();
    }
  });

  it('of many at once, with sign-ins, refreshes and changes beside it, leaves each account whole or gone', async () => {
    const tokens = await house.tokens('torn');
    const answers = await Promise.all([
      ...Array.from({ length: 3 }, () => send('DELETE', ME, tokens)),
      ...Array.from({ length: 5 }, () => house.refresh(tokens.refreshToken)),
      ...Array.from({ length: 5 }, () => send('PATCH', ME, tokens, { country: 'KR' })),
      ...Array.from({ length: 3 }, () => send('GET', `${ME}/export`, tokens)),
      ...Array.from({ length: 3 }, () => send('POST', '/auth/logout-all', tokens)),
    ]);
    for (const { status } of answers) expect([200, 204, 401]).toContain(status);
    expect(await house.access(tokens.accessToken)).toBe(401);
    expect(await placesOf(tokens.user.id)).toEqual([]);
  });

  it('needs a page of ours where cookies make it, and no body', async () => {
    const browser = await house.signedIn('stayer');
    expect((await browser.delete(ME, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.get(ME)).status).toBe(200);
  });
});
