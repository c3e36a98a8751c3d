import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ApiKeys } from '../../src/auth/machine-credentials/api-keys.js';
import { LastUses } from '../../src/auth/machine-credentials/last-uses.js';
import {
  API_KEYS,
  HMAC_CLIENTS,
  KeyOwner,
  type Shown,
  storedCredential,
  withKey,
} from '../support/machine-credentials.js';
import { problemOf, SignInHouse } from '../support/sign-in-house.js';
import type { TestApp } from '../support/test-app.js';

let house: SignInHouse;
let replica: TestApp;
let owner: KeyOwner;
beforeAll(async () => {
  house = await SignInHouse.open({
    ADMIN_EMAILS: 'boss@example.com,demoted@example.com',
  });
  replica = await house.replica({});
});
/** Somebody new for each test. */
let people = 0;
beforeEach(async () => {
  owner = await KeyOwner.signIn(house, `owner-${people++}`);
});
afterAll(async () => {
  await replica.stop();
  await house.close();
});

const me = (key: string, url = house.url) => fetch(`${url}/api/users/me`, { headers: withKey(key) });
const access = async (key: string, url = house.url) => (await me(key, url)).status;

/** Resolves once the other process refuses the key; rejects after a second. */
async function refusedElsewhere(key: string): Promise<void> {
  const deadline = performance.now() + 1_000;
  while ((await access(key, replica.url)) !== 401) {
    if (performance.now() > deadline) throw new Error('the replica still accepts the key');
    await pause(5);
  }
}

/** Whom the application takes the bearer of this key for. */
const callerOf = (key: string) => house.server.app.get(ApiKeys, { strict: false }).verify(key);

/** Known in both processes, so that each would answer from memory. */
async function inUse(who = owner, wanted: object = {}): Promise<Shown> {
  const made = await who.make(API_KEYS, wanted);
  expect([await access(made.key), await access(made.key, replica.url), await access(made.key)]).toEqual([
    200, 200, 200,
  ]);
  return made;
}

describe('a new key', () => {
  it('is shown once, in an answer that nobody keeps', async () => {
    const answer = await owner.send('POST', API_KEYS, {
      name: '  Nightly report ',
      scopes: ['rates:read', 'profile:read'],
      expiresAt: '2027-08-03T11:00:00+02:00',
    });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const body = (await answer.json()) as Shown;
    expect(body).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{16}$/),
      name: 'Nightly report',
      scopes: ['rates:read', 'profile:read'],
      createdAt: '2026-08-03T09:00:00.000Z',
      expiresAt: '2027-08-03T09:00:00.000Z',
      lastUsedAt: null,
      rotatedAt: null,
      key: expect.stringMatching(new RegExp(`^hx_${body.id}_[A-Za-z0-9_-]{43}$`)),
    });
    const list = await owner.send('GET', API_KEYS);
    expect(list.headers.get('cache-control')).toBe('no-store');
    const { key, ...rest } = body;
    expect(await list.json()).toContainEqual(rest);
    expect(await access(key)).toBe(200);
  });

  it('acts for its owner, as no administrator', async () => {
    const boss = await KeyOwner.signIn(house, 'boss');
    const { key } = await boss.make(API_KEYS, { scopes: ['profile:read', 'rates:write'] });
    expect(await (await me(key)).json()).toMatchObject({ id: boss.userId, role: 'admin' });
    expect(await callerOf(key)).toMatchObject({
      userId: boss.userId,
      role: 'user',
      scopes: new Set(['profile:read', 'rates:write']),
    });
  });

  it('may be one of many that are listed newest first, each owner seeing the own ones', async () => {
    const [one, other] = [await KeyOwner.signIn(house, 'lister'), await KeyOwner.signIn(house, 'other-lister')];
    const ids: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      house.clock.advance(1_000);
      ids.unshift((await one.make(API_KEYS, { name })).id);
    }
    await other.make(API_KEYS);
    await one.make(HMAC_CLIENTS);
    expect((await one.list(API_KEYS)).map(({ id }) => id)).toEqual(ids);
  });

  it.each<[string, object]>([
    ['name', { name: undefined }],
    ['name', { name: ' \t ' }],
    ['name', { name: 'x'.repeat(101) }],
    ['name', { name: 'a\u0000b' }],
    ['name', { name: 'a\nb' }],
    ['name', { name: 'a\u2028b' }],
    ['name', { name: 'half \ud83d' }],
    ['name', { name: 5 }],
    ['name', { name: null }],
    ['scopes', { scopes: undefined }],
    ['scopes', { scopes: [] }],
    ['scopes', { scopes: 'profile:read' }],
    ['scopes', { scopes: { 0: 'profile:read' } }],
    ['scopes', { scopes: ['profile:read', 'profile:read'] }],
    ['scopes', { scopes: ['profile:read', 'admin'] }],
    ['scopes', { scopes: ['Profile:read'] }],
    ['scopes', { scopes: [['profile:read']] }],
    ['scopes', { scopes: [null] }],
    ['expiresAt', { expiresAt: '2026-08-03T09:00:00Z' }],
    ['expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['expiresAt', { expiresAt: '2031-08-03T10:00:00Z' }],
    ['expiresAt', { expiresAt: '2027-02-30T00:00:00Z' }],
    ['expiresAt', { expiresAt: '2027-01-01' }],
    ['expiresAt', { expiresAt: 'tomorrow' }],
    ['expiresAt', { expiresAt: 1_893_456_000 }],
    ['expiresAt', { expiresAt: null }],
    ['tier', { tier: 'fast' }],
    ['userId', { userId: '6f1e6b0e-0000-4000-8000-000000000000' }],
    ['role', { role: 'admin' }],
  ])('is refused for its %s: %j', async (field, wrong) => {
    const body = { name: 'test', scopes: ['profile:read'], ...wrong };
    expect(await problemOf(await owner.send('POST', API_KEYS, body))).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ field, message: expect.any(String) }],
    });
  });

  it('may be named in any script, and last five years', async () => {
    const name = '🔑'.repeat(99) + '키';
    const { id } = await owner.make(API_KEYS, { name, expiresAt: '2031-08-03T09:00:00Z' });
    expect(await owner.list(API_KEYS)).toContainEqual(expect.objectContaining({ id, name }));
  });

  it('cannot write rates unless its owner is an administrator, now and at each use', async () => {
    const wanted = { name: 'writer', scopes: ['profile:read', 'rates:write'] };
    expect(await problemOf(await owner.send('POST', API_KEYS, wanted))).toMatchObject({
      status: 403,
      code: 'scope_not_allowed',
    });
    const demoted = await KeyOwner.signIn(house, 'demoted');
    const { key } = await inUse(demoted, wanted);
    await house.browser().signIn({ sub: 'demoted', email: 'former-administrator@example.com' });
    expect((await callerOf(key)).scopes).toEqual(new Set(['profile:read']));
    expect(await access(key)).toBe(200);
    // The access token still says administrator.
    expect((await demoted.send('POST', API_KEYS, wanted)).status).toBe(403);
  });

  it('is the fiftieth at most, also when sixty are asked for at once', async () => {
    const eager = await KeyOwner.signIn(house, 'eager');
    const wanted = { name: 'many', scopes: ['profile:read'] };
    const answers = await Promise.all(Array.from({ length: 60 }, () => eager.send('POST', API_KEYS, wanted)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 50 }, () => 201),
      ...Array.from({ length: 10 }, () => 409),
    ]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused && (await problemOf(refused))).toMatchObject({ code: 'too_many_keys' });
    const keys = await eager.list(API_KEYS);
    expect(keys).toHaveLength(50);
    await eager.make(HMAC_CLIENTS);
    await eager.send('DELETE', `${API_KEYS}/${String(keys[0]?.id)}`);
    await eager.make(API_KEYS);
  });
});

describe('what a key may do', () => {
  const SCOPES = ['rates:read', 'profile:read', 'profile:write', 'gateway'] as const;
  const ROUTES = [
    ['GET', '/api/exchange-rate', 'rates:read'],
    ['GET', '/api/exchange-rate/chart', 'rates:read'],
    ['GET', '/api/users/me', 'profile:read'],
    ['PATCH', '/api/users/me', 'profile:write'],
  ] as const;

  it.each(SCOPES)('%s reaches what it is for and nothing else', async (scope) => {
    const { key } = await owner.make(API_KEYS, { scopes: [scope] });
    const headers = withKey(key);
    for (const [method, path, needed] of ROUTES) {
      const body = method === 'PATCH' ? {} : undefined;
      const answer = await house.send(method, path, { headers, body });
      if (scope !== needed) {
        expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'scope_missing' });
        continue;
      }
      // Past the guard: this person has not chosen a country yet.
      expect([200, 409]).toContain(answer.status);
    }
  });

  it('is nothing that needs a session: no key makes, lists, changes or deletes keys', async () => {
    const { key, id } = await owner.make(API_KEYS, { scopes: [...SCOPES] });
    const { id: client } = await owner.make(HMAC_CLIENTS);
    const before = [await owner.list(API_KEYS), await owner.list(HMAC_CLIENTS)];
    const body = { name: 'child', scopes: ['profile:read'] };
    for (const [method, path, sent] of [
      ['POST', API_KEYS, body],
      ['GET', API_KEYS, undefined],
      ['DELETE', `${API_KEYS}/${id}`, undefined],
      ['POST', `${API_KEYS}/${id}/rotate`, {}],
      ['POST', HMAC_CLIENTS, body],
      ['GET', HMAC_CLIENTS, undefined],
      ['DELETE', `${HMAC_CLIENTS}/${client}`, undefined],
      ['POST', `${HMAC_CLIENTS}/${client}/rotate`, {}],
    ] as const) {
      const answer = await house.send(method, path, { headers: withKey(key), body: sent });
      expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'session_needed' });
    }
    expect([await owner.list(API_KEYS), await owner.list(HMAC_CLIENTS)]).toEqual(before);
  });

  it('is refused beside another credential, and in an address', async () => {
    const { key, id } = await owner.make(API_KEYS);
    const both = await house.send('GET', '/api/users/me', { headers: { ...withKey(key), ...owner.session } });
    expect(await problemOf(both)).toMatchObject({ status: 400, code: 'two_credentials' });
    const browser = await house.signedIn('with-cookie');
    expect(await problemOf(await browser.get('/api/users/me', withKey(key)))).toMatchObject({ status: 400 });
    for (const name of ['api_key', 'apiKey', 'X-API-Key', 'key']) {
      const answer = await house.send('GET', `/api/users/me?${name}=${key}`);
      expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'credential_in_query' });
    }
    await house.server.app.get(LastUses, { strict: false }).write();
    expect((await storedCredential(house, id)).lastUsedAt).toBeNull();
  });
});

describe('what is no key', () => {
  const refused = async (text: string) => {
    // Raw: fetch would refuse what a hostile program may send.
    const status = await new Promise<[number | undefined, string]>((resolve, reject) => {
      const sent = request(`${house.url}/api/users/me`, { headers: { 'x-api-key': text } }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (part: string) => (body += part));
        answer.on('end', () => resolve([answer.statusCode, body]));
      });
      sent.once('error', reject).end();
    });
    expect([status[0], (JSON.parse(status[1]) as { code: string }).code]).toEqual([401, 'api_key_invalid']);
  };

  it('is every part of one', async () => {
    const { key } = await inUse();
    for (let length = 0; length < key.length; length++) await refused(key.slice(0, length));
  });

  it('is one with its parts changed', async () => {
    const [one, other] = [await inUse(), await inUse()];
    const client = await owner.make(HMAC_CLIENTS);
    const secretOf = ({ key }: Shown) => key.slice(20);
    const last = one.key.at(-1) ?? '';
    for (const text of [
      `hx_${one.id}_${secretOf(other)}`,
      `hx_${secretOf(one)}_${one.id}`,
      `hx_${one.id}_${client.secret}`,
      `hx_${client.id}_${client.secret}`,
      `hx_${client.id.slice(3)}_${client.secret}`,
      `${client.id}_${client.secret}`,
      `hc_${one.id}_${secretOf(one)}`,
      `HX_${one.id}_${secretOf(one)}`,
      `hx_${one.id.toUpperCase()}_${secretOf(one)}`,
      `${one.key}=`,
      `${one.key}A`,
      `${one.key} ${one.key}`,
      `${one.key}, ${one.key}`,
      `Bearer ${one.key}`,
      `"${one.key}"`,
      // Spare bits: another spelling of the same bytes.
      ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
        .filter((character) => character !== last)
        .map((character) => `${one.key.slice(0, -1)}${character}`),
    ]) {
      await refused(text);
    }
    expect(await access(one.key)).toBe(200);
  });

  it('is anything else, however close, long or strange', async () => {
    const { id, key } = await inUse();
    const text = fc.oneof(
      fc.string({
        maxLength: 200,
        unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
      }),
      fc.integer({ min: 1_000, max: 10_000 }).map((length) => `hx_${id}_${'x'.repeat(length)}`),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => `hx_${id}_${Buffer.from(b).toString('base64url')}`),
      fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((b) => `hx_${randomBytes(8).toString('hex')}_${Buffer.from(b).toString('base64url')}`),
      fc
        .tuple(fc.nat({ max: key.length - 1 }), fc.integer({ min: 0x21, max: 0xff }))
        .map(([at, code]) => key.slice(0, at) + String.fromCharCode(code) + key.slice(at + 1))
        .filter((changed) => changed !== key),
    );
    // What stands around a header's value is not part of it.
    const sendable = text.filter((value) => value.trim() === value && value !== key && !value.includes('\x7f'));
    await fc.assert(fc.asyncProperty(sendable, refused), { numRuns: 150 });
  });
});

describe('rotating a key', () => {
  it('gives a new one under the same id; the one before counts for the overlap, the one before that not any more', async () => {
    const first = await inUse();
    const answer = await owner.send('POST', `${API_KEYS}/${first.id}/rotate`, { overlapSeconds: 3_600 });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const second = (await answer.json()) as Shown;
    const now = house.clock.now().getTime();
    expect(second).toMatchObject({
      id: first.id,
      rotatedAt: new Date(now).toISOString(),
      previousExpiresAt: new Date(now + 3_600_000).toISOString(),
    });
    expect(second.key).not.toBe(first.key);
    expect([await access(first.key), await access(second.key)]).toEqual([200, 200]);
    const third = await owner.rotate(API_KEYS, first.id);
    expect(third.previousExpiresAt).toBe(new Date(now + 86_400_000).toISOString());
    expect([await access(first.key), await access(second.key), await access(third.key)]).toEqual([401, 200, 200]);
    await refusedElsewhere(first.key);
    expect([await access(second.key, replica.url), await access(third.key, replica.url)]).toEqual([200, 200]);
    house.clock.advance(86_399_999);
    expect([await access(second.key), await access(third.key)]).toEqual([200, 200]);
    house.clock.advance(1);
    expect([await access(second.key), await access(third.key)]).toEqual([401, 200]);
  });

  it('without an overlap ends the one before at once, everywhere', async () => {
    const first = await inUse();
    const second = await owner.rotate(API_KEYS, first.id, { overlapSeconds: 0 });
    expect(second.previousExpiresAt).toBe(house.clock.now().toISOString());
    expect([await access(first.key), await access(second.key)]).toEqual([401, 200]);
    await refusedElsewhere(first.key);
    expect(await access(second.key, replica.url)).toBe(200);
  });

  it('twice at once leaves one in force and one before it', async () => {
    const { id } = await inUse();
    const keys = await Promise.all(Array.from({ length: 5 }, () => owner.rotate(API_KEYS, id)));
    const answers = await Promise.all(keys.map(({ key }) => access(key)));
    expect(answers.sort()).toEqual([200, 200, 401, 401, 401]);
  });

  it('does not outlive the key itself, and brings no expired one back', async () => {
    const expiresAt = new Date(house.clock.now().getTime() + 60_000).toISOString();
    const { id, key } = await inUse(owner, { expiresAt });
    expect((await owner.rotate(API_KEYS, id)).previousExpiresAt).toBe(expiresAt);
    house.clock.advance(60_000);
    expect((await me(key)).status).toBe(401);
    expect(await problemOf(await owner.send('POST', `${API_KEYS}/${id}/rotate`))).toMatchObject({
      status: 409,
      code: 'api_key_expired',
    });
  });

  it.each([-1, 86_401, 1.5, '60', null, true, {}])('refuses an overlap of %j seconds', async (overlapSeconds) => {
    const { id, key } = await inUse();
    const answer = await owner.send('POST', `${API_KEYS}/${id}/rotate`, { overlapSeconds });
    expect(await problemOf(answer)).toMatchObject({ status: 400, errors: [{ field: 'overlapSeconds' }] });
    expect(await access(key)).toBe(200);
  });
});

describe('the end of a key', () => {
  it('by deletion is known at once, and in every process within a second', async () => {
    const { id, key } = await inUse();
    const answer = await owner.send('DELETE', `${API_KEYS}/${id}`);
    expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([204, '', 'no-store']);
    expect(await problemOf(await me(key))).toMatchObject({ status: 401, code: 'api_key_invalid' });
    await refusedElsewhere(key);
    expect((await owner.list(API_KEYS)).map((item) => item.id)).not.toContain(id);
  });

  it('by its date is told to whoever has the secret, and to nobody else', async () => {
    const { id, key } = await inUse(owner, { expiresAt: new Date(house.clock.now().getTime() + 5_000).toISOString() });
    house.clock.advance(4_999);
    expect(await access(key)).toBe(200);
    house.clock.advance(1);
    for (const url of [house.url, replica.url]) {
      expect(await problemOf(await me(key, url))).toMatchObject({ status: 401, code: 'api_key_expired' });
      const guessed = `hx_${id}_${randomBytes(32).toString('base64url')}`;
      expect(await problemOf(await me(guessed, url))).toMatchObject({ status: 401, code: 'api_key_invalid' });
    }
  });

  it('comes while its owner is disabled, and is over when the owner is enabled', async () => {
    const person = await KeyOwner.signIn(house, 'disabled');
    const { key } = await inUse(person);
    await person.change({ disabled_at: house.clock.now() });
    expect(await problemOf(await me(key))).toMatchObject({ status: 401, code: 'api_key_invalid' });
    await refusedElsewhere(key);
    const answer = await person.send('POST', API_KEYS, { name: 'x', scopes: ['gateway'] });
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'account_disabled' });
    await person.change({ disabled_at: null });
    expect(await access(key)).toBe(200);
  });

  it('comes with the account', async () => {
    const person = await KeyOwner.signIn(house, 'deleted');
    const { key } = await inUse(person);
    await person.change(null);
    expect(await access(key)).toBe(401);
    await refusedElsewhere(key);
  });

  it('is not missed by a process that cannot hear the news for a moment', async () => {
    for (const end of ['delete', 'rotate', 'disable'] as const) {
      const person = await KeyOwner.signIn(house, `deaf-${end}`);
      const { id, key } = await inUse(person);
      await house.server.database.dataSource.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'hackonomics-events'`,
      );
      if (end === 'delete') await person.send('DELETE', `${API_KEYS}/${id}`);
      if (end === 'rotate') await person.rotate(API_KEYS, id, { overlapSeconds: 0 });
      if (end === 'disable') await person.change({ disabled_at: house.clock.now() });
      expect(await access(key)).toBe(401);
      await refusedElsewhere(key);
    }
  });
});

describe('somebody else’s key', () => {
  it.each(['DELETE', 'POST'])('is as unknown as none: %s', async (method) => {
    const { id, key } = await inUse();
    const stranger = await KeyOwner.signIn(house, `stranger-${method}`);
    const { id: client } = await stranger.make(HMAC_CLIENTS);
    for (const unknown of [id, client, 'a'.repeat(16), 'A'.repeat(16), '%00', '..%2f', encodeURIComponent('é'), 'x']) {
      const path = `${API_KEYS}/${unknown}${method === 'POST' ? '/rotate' : ''}`;
      const answer = await stranger.send(method, path);
      expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'api_key_unknown' });
    }
    expect(await access(key)).toBe(200);
    expect(await stranger.list(HMAC_CLIENTS)).toHaveLength(1);
  });
});

it('the last use is noted, written together, and written when the process ends', async () => {
  const { id, key } = await owner.make(API_KEYS);
  house.clock.advance(60_000);
  const used = house.clock.now();
  expect(await access(key)).toBe(200);
  await house.server.app.get(LastUses, { strict: false }).write();
  expect(await owner.list(API_KEYS)).toContainEqual(expect.objectContaining({ id, lastUsedAt: used.toISOString() }));
  const third = await house.replica({});
  house.clock.advance(60_000);
  expect(await access(key, third.url)).toBe(200);
  await third.stop();
  expect((await storedCredential(house, id)).lastUsedAt).toEqual(house.clock.now());
});

it('every change is in the audit log, with the person, the key and where it came from', async () => {
  const person = await KeyOwner.signIn(house, 'audited');
  const { id } = await person.make(API_KEYS);
  await person.rotate(API_KEYS, id);
  await person.send('DELETE', `${API_KEYS}/${id}`);
  await person.send('DELETE', `${API_KEYS}/${id}`);
  const rows: unknown = await house.server.database.dataSource.query(
    `SELECT action, person, actor, address FROM audit_events WHERE target = $1 ORDER BY id`,
    [id],
  );
  expect(rows).toEqual(
    ['created', 'rotated', 'deleted'].map((what) => {
      return { action: `api_key.${what}`, person: person.userId, actor: null, address: '127.0.0.1' };
    }),
  );
});
