import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { CredentialsInForce } from '../../src/auth/machine-credentials/credentials-in-force.js';
import { HmacClients } from '../../src/auth/machine-credentials/hmac-clients.js';
import { LastUses } from '../../src/auth/machine-credentials/last-uses.js';
import { MachineCredentialsRepository } from '../../src/auth/machine-credentials/machine-credentials.repository.js';
import { API_KEYS, HMAC_CLIENTS, KeyOwner, storedCredential, withKey } from '../support/machine-credentials.js';
import { PgEvents } from '../../src/platform/events/pg-events.js';
import { until } from '../support/rates.js';
import { SignInHouse } from '../support/sign-in-house.js';
import type { TestApp } from '../support/test-app.js';

let house: SignInHouse;
let replica: TestApp;
let owner: KeyOwner;
beforeAll(async () => {
  house = await SignInHouse.open();
  replica = await house.replica({});
});
afterAll(async () => {
  await replica.stop();
  await house.close();
});
let people = 0;
beforeEach(async () => {
  for (const server of [house.server, replica]) {
    await until(
      () => of(PgEvents, server).listening,
      (listening) => listening,
    );
  }
  owner = await KeyOwner.signIn(house, `owner-${people++}`);
});
afterEach(() => void jest.restoreAllMocks());

const of = <T>(type: abstract new (...given: never[]) => T, { app }: TestApp = house.server) =>
  app.get<T>(type, { strict: false });
const access = async (key: string, url = house.url) =>
  (await fetch(`${url}/api/users/me`, { headers: withKey(key) })).status;

/** Statements of this test's processes that touch credentials, from now on. */
function statements(): string[] {
  const seen: string[] = [];
  const query = Reflect.get(pg.Client.prototype, 'query') as (this: pg.Client, ...given: unknown[]) => unknown;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const text = typeof given[0] === 'string' ? given[0] : ((given[0] as { text?: string } | undefined)?.text ?? '');
    if (text.includes('machine_credentials')) seen.push(text);
    return query.apply(this, given);
  });
  return seen;
}

const tell = (news: unknown) =>
  house.server.database.dataSource.transaction((tx) => PgEvents.publish(tx, 'machine_credentials', news));

describe('a credential in steady use', () => {
  it('costs no query', async () => {
    const [{ key }, client] = [await owner.make(API_KEYS), await owner.make(HMAC_CLIENTS)];
    const seen = statements();
    expect(await access(key)).toBe(200);
    await of(HmacClients).client(client.id);
    expect(seen).toHaveLength(2);
    for (let at = 0; at < 20; at++) {
      expect(await access(key)).toBe(200);
      expect(await of(HmacClients).client(client.id)).toBeDefined();
    }
    expect(seen).toHaveLength(2);
    // A guess at its secret is refused from memory as well.
    expect(await access(`${key.slice(0, 20)}${randomBytes(32).toString('base64url')}`)).toBe(401);
    expect(seen).toHaveLength(2);
  });

  it('costs none when others change, and one when its own owner does', async () => {
    const other = await KeyOwner.signIn(house, 'of-others');
    const [mine, theirs] = [await owner.make(API_KEYS), await other.make(API_KEYS)];
    for (const { key } of [mine, theirs]) expect(await access(key)).toBe(200);
    await other.change({ role: 'user' });
    const seen = statements();
    for (const { key } of [mine, mine]) expect(await access(key)).toBe(200);
    expect(seen).toHaveLength(0);
    for (const { key } of [theirs, theirs]) expect(await access(key)).toBe(200);
    expect(seen).toHaveLength(1);
  });

  it('costs one each time while news cannot be heard', async () => {
    const { key } = await owner.make(API_KEYS);
    expect(await access(key)).toBe(200);
    jest.spyOn(PgEvents.prototype, 'listening', 'get').mockReturnValue(false);
    const seen = statements();
    for (let at = 0; at < 3; at++) expect(await access(key)).toBe(200);
    expect(seen).toHaveLength(3);
    await house.server.database.dataSource.query('DELETE FROM machine_credentials');
    expect(await access(key)).toBe(401);
  });

  it('is read again after a gap in the news', async () => {
    const { id, key } = await owner.make(API_KEYS);
    expect(await access(key)).toBe(200);
    // Unannounced, as if the news had come while nobody listened.
    await house.server.database.dataSource.query('DELETE FROM machine_credentials WHERE id = $1', [id]);
    expect(await access(key)).toBe(200);
    await house.server.database.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'hackonomics-events'`,
    );
    for (const expected of [false, true]) {
      await until(
        () => of(PgEvents).listening,
        (listening) => listening === expected,
      );
    }
    expect(await access(key)).toBe(401);
  });

  it('is forgotten by the process that changed it, without waiting for its own news', async () => {
    const owners = [await KeyOwner.signIn(house, 'deleter'), await KeyOwner.signIn(house, 'rotator'), owner] as const;
    const keys = [];
    for (const person of owners) keys.push(await person.make(API_KEYS));
    for (const { key } of keys) expect(await access(key)).toBe(200);
    jest.spyOn(PgEvents, 'publish').mockResolvedValue(undefined);
    await owners[0].send('DELETE', `${API_KEYS}/${keys[0]?.id}`);
    await owners[1].rotate(API_KEYS, keys[1]?.id ?? '', { overlapSeconds: 0 });
    await owners[2].change({ disabled_at: house.clock.now() });
    for (const { key } of keys) expect(await access(key)).toBe(401);
  });

  it.each([[null], ['text'], [{}], [{ everybody: true }], [[1]]])(
    'is read again after news that this version does not know: %j',
    async (news) => {
      const { id, key } = await owner.make(API_KEYS);
      expect(await access(key)).toBe(200);
      await house.server.database.dataSource.query('DELETE FROM machine_credentials WHERE id = $1', [id]);
      await tell(news);
      await until(
        () => access(key),
        (status) => status === 401,
      );
    },
  );
});

describe('a credential that is being read', () => {
  /** The next reading in the replica ends when told so, with what the row was before. */
  function slowReading(): { hasRead: Promise<void>; end: () => void } {
    const credentials = of(MachineCredentialsRepository, replica);
    const read = credentials.usable.bind(credentials);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const hasRead = new Promise<void>((resolve) => {
      jest.spyOn(credentials, 'usable').mockImplementationOnce(async (...given) => {
        const row = await read(...given);
        resolve();
        await ended;
        return row;
      });
    });
    return { hasRead, end };
  }

  it.each(['deleted', 'of an owner who is disabled'])('while it is %s is not kept as it was', async (how) => {
    const { id, key } = await owner.make(API_KEYS);
    const heard = jest.spyOn(of(CredentialsInForce, replica), how === 'deleted' ? 'forget' : 'forgetUser');
    const { hasRead, end } = slowReading();
    const during = access(key, replica.url);
    await hasRead;
    if (how === 'deleted') await owner.send('DELETE', `${API_KEYS}/${id}`);
    else await owner.change({ disabled_at: house.clock.now() });
    await until(
      () => heard.mock.calls.length,
      (calls) => calls > 0,
    );
    end();
    // It was asked before; what is asked from now on is refused.
    expect(await during).toBe(200);
    expect(await access(key, replica.url)).toBe(401);
  });
});

describe('last uses', () => {
  const LATER = new Date('2026-08-03T12:00:00Z');
  const EARLIER = new Date('2026-08-03T11:00:00Z');
  const stored = async (id: string) => (await storedCredential(house, id)).lastUsedAt;

  it('are never set back by a replica that writes later what it saw earlier', async () => {
    const { id } = await owner.make(API_KEYS);
    expect(await of(MachineCredentialsRepository).recordUses(new Map([[id, LATER]]))).toEqual(new Set([id]));
    expect(await of(MachineCredentialsRepository, replica).recordUses(new Map([[id, EARLIER]]))).toEqual(new Set([id]));
    expect(await stored(id)).toEqual(LATER);
  });

  it('of many are one statement', async () => {
    const ids = [];
    for (let at = 0; at < 5; at++) ids.push((await owner.make(API_KEYS)).id);
    const lastUses = of(LastUses);
    await lastUses.write();
    const seen = statements();
    for (const id of ids) lastUses.note(id);
    await lastUses.write();
    await lastUses.write();
    expect(seen).toHaveLength(1);
    for (const id of ids) expect(await stored(id)).toEqual(house.clock.now());
  });

  it('are kept for the next time where they cannot be written, and a later one stays the later', async () => {
    const [one, other] = [await owner.make(API_KEYS), await owner.make(API_KEYS)];
    const lastUses = of(LastUses);
    jest.spyOn(of(MachineCredentialsRepository), 'recordUses').mockRejectedValueOnce(new Error('no database'));
    lastUses.note(one.id);
    lastUses.note(other.id);
    const first = house.clock.now();
    const writing = lastUses.write();
    house.clock.advance(1_000);
    lastUses.note(other.id);
    await writing;
    expect([await stored(one.id), await stored(other.id)]).toEqual([null, null]);
    await lastUses.write();
    expect([await stored(one.id), await stored(other.id)]).toEqual([first, house.clock.now()]);
  });

  it('wait for no row that somebody holds, and are written when it is free', async () => {
    const [held, free] = [await owner.make(API_KEYS), await owner.make(API_KEYS)];
    const lastUses = of(LastUses);
    await house.server.database.dataSource.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM machine_credentials WHERE id = $1 FOR UPDATE', [held.id]);
      lastUses.note(held.id);
      lastUses.note(free.id);
      await lastUses.write();
      expect([await stored(held.id), await stored(free.id)]).toEqual([null, house.clock.now()]);
    });
    await lastUses.write();
    expect(await stored(held.id)).toEqual(house.clock.now());
  });

  it('of what is gone are forgotten', async () => {
    const { id } = await owner.make(API_KEYS);
    const lastUses = of(LastUses);
    lastUses.note(id);
    await owner.send('DELETE', `${API_KEYS}/${id}`);
    await lastUses.write();
    await lastUses.write();
    const seen = statements();
    await lastUses.write();
    expect(seen).toHaveLength(0);
  });
});
