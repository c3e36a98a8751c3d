import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HmacClients } from '../../src/auth/machine-credentials/hmac-clients.js';
import { LastUses } from '../../src/auth/machine-credentials/last-uses.js';
import { API_KEYS, HMAC_CLIENTS, KeyOwner, type Shown, storedCredential } from '../support/machine-credentials.js';
import { problemOf, SignInHouse } from '../support/sign-in-house.js';
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
/** Somebody new for each test. */
let people = 0;
beforeEach(async () => {
  owner = await KeyOwner.signIn(house, `owner-${people++}`);
});

const clients = ({ app }: TestApp) => app.get(HmacClients, { strict: false });
/** The secrets with which a signature of this client would be right, as they were shown. */
const secretsOf = async (id: string, server = house.server) =>
  (await clients(server).client(id))?.secrets.map((secret) => secret.toString('base64url'));

async function elsewhere(id: string, secrets: string[] | undefined): Promise<void> {
  const deadline = performance.now() + 1_000;
  while (JSON.stringify(await secretsOf(id, replica)) !== JSON.stringify(secrets)) {
    if (performance.now() > deadline) throw new Error('the replica still knows the client as it was');
    await pause(5);
  }
}

/** Known in both processes. */
async function inUse(wanted: object = {}): Promise<Shown> {
  const made = await owner.make(HMAC_CLIENTS, wanted);
  for (const server of [house.server, replica]) expect(await secretsOf(made.id, server)).toEqual([made.secret]);
  return made;
}

describe('a new client', () => {
  it('is shown with its secret once, in an answer that nobody keeps', async () => {
    const answer = await owner.send('POST', HMAC_CLIENTS, {
      name: 'Nextcloud',
      scopes: ['gateway'],
      tier: 'nextcloud_hmac',
    });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const body = (await answer.json()) as Shown;
    expect(body).toEqual({
      id: expect.stringMatching(/^hc_[a-z0-9]{16}$/),
      keyId: body.id,
      name: 'Nextcloud',
      scopes: ['gateway'],
      tier: 'nextcloud_hmac',
      createdAt: house.clock.now().toISOString(),
      expiresAt: null,
      lastUsedAt: null,
      rotatedAt: null,
      secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
    const { secret, ...rest } = body;
    const list = await owner.send('GET', HMAC_CLIENTS);
    expect([list.headers.get('cache-control'), await list.json()]).toEqual(['no-store', [rest]]);
    expect(await secretsOf(body.id)).toEqual([secret]);
  });

  it('acts for its owner, with its own scopes and tier', async () => {
    const { id } = await owner.make(HMAC_CLIENTS, { scopes: ['rates:read', 'gateway'], tier: 'fast_1' });
    expect((await clients(house.server).client(id))?.caller).toEqual({
      userId: owner.userId,
      role: 'user',
      scopes: new Set(['rates:read', 'gateway']),
      credential: { kind: 'hmac_client', id, tier: 'fast_1' },
    });
  });

  it.each(['Fast', '1fast', 'a-b', 'ä', '', 'x'.repeat(33), 'fast\n', null, 5, ['fast']])(
    'is refused with the tier %j',
    async (tier) => {
      const answer = await owner.send('POST', HMAC_CLIENTS, { name: 'test', scopes: ['gateway'], tier });
      expect(await problemOf(answer)).toMatchObject({ status: 400, errors: [{ field: 'tier' }] });
    },
  );

  it('has no scope that its owner lacks', async () => {
    const answer = await owner.send('POST', HMAC_CLIENTS, { name: 'test', scopes: ['rates:write'] });
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'scope_not_allowed' });
  });

  it('is the fiftieth at most, also when sixty are asked for at once', async () => {
    const wanted = { name: 'many', scopes: ['gateway'] };
    const answers = await Promise.all(Array.from({ length: 60 }, () => owner.send('POST', HMAC_CLIENTS, wanted)));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(10);
    for (const answer of refused) {
      expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'too_many_clients' });
    }
    expect(await owner.list(HMAC_CLIENTS)).toHaveLength(50);
    await owner.make(API_KEYS);
  });
});

describe('the secret of a client', () => {
  it('opens in its own row alone, and nowhere after a change', async () => {
    const [one, other] = [await owner.make(HMAC_CLIENTS), await owner.make(HMAC_CLIENTS)];
    const move = `UPDATE machine_credentials SET secret = (SELECT secret FROM machine_credentials WHERE id = $2) WHERE id = $1`;
    await house.server.database.dataSource.query(move, [one.id, other.id]);
    expect(await secretsOf(one.id)).toBeUndefined();
    expect(await secretsOf(other.id)).toEqual([other.secret]);
    expect((await storedCredential(house, other.id)).secret).toHaveLength(12 + 16 + 32);
  });

  it('does not open under another SESSION_SECRET, until the client is rotated there', async () => {
    const { id } = await owner.make(HMAC_CLIENTS);
    const changed = await house.replica({ SESSION_SECRET: 'quite another session secret for this one' });
    try {
      expect(await secretsOf(id, changed)).toBeUndefined();
      const answer = await fetch(`${changed.url}${HMAC_CLIENTS}/${id}/rotate`, {
        method: 'POST',
        headers: owner.session,
      });
      const { secret } = (await answer.json()) as Shown;
      expect(await secretsOf(id, changed)).toEqual([secret]);
    } finally {
      await changed.stop();
    }
  });
});

describe('rotating a client', () => {
  it('lets both secrets count for the overlap, the one in force first, and never a third', async () => {
    const first = await inUse();
    const second = await owner.rotate(HMAC_CLIENTS, first.id, { overlapSeconds: 60 });
    expect(second).toMatchObject({
      keyId: first.id,
      previousExpiresAt: new Date(house.clock.now().getTime() + 60_000).toISOString(),
    });
    expect(await secretsOf(first.id)).toEqual([second.secret, first.secret]);
    await elsewhere(first.id, [second.secret, first.secret]);
    const third = await owner.rotate(HMAC_CLIENTS, first.id, { overlapSeconds: 60 });
    expect(await secretsOf(first.id)).toEqual([third.secret, second.secret]);
    await elsewhere(first.id, [third.secret, second.secret]);
    house.clock.advance(60_000);
    expect(await secretsOf(first.id)).toEqual([third.secret]);
    expect(await secretsOf(first.id, replica)).toEqual([third.secret]);
  });

  it('without an overlap ends the secret before at once, everywhere', async () => {
    const { id } = await inUse();
    const { secret } = await owner.rotate(HMAC_CLIENTS, id, { overlapSeconds: 0 });
    expect(await secretsOf(id)).toEqual([secret]);
    await elsewhere(id, [secret]);
  });
});

describe('the end of a client', () => {
  it('by deletion is known at once, and in every process within a second', async () => {
    const { id } = await inUse();
    expect((await owner.send('DELETE', `${HMAC_CLIENTS}/${id}`)).status).toBe(204);
    expect(await secretsOf(id)).toBeUndefined();
    await elsewhere(id, undefined);
  });

  it('comes with its date, and while its owner is disabled', async () => {
    const expiresAt = new Date(house.clock.now().getTime() + 60_000).toISOString();
    const [lasting, { id }] = [await inUse(), await inUse({ expiresAt })];
    house.clock.advance(60_000);
    expect([await secretsOf(id), await secretsOf(id, replica)]).toEqual([undefined, undefined]);
    expect(await problemOf(await owner.send('POST', `${HMAC_CLIENTS}/${id}/rotate`))).toMatchObject({
      status: 409,
      code: 'hmac_client_expired',
    });
    await owner.change({ disabled_at: house.clock.now() });
    expect(await secretsOf(lasting.id)).toBeUndefined();
    await elsewhere(lasting.id, undefined);
    await owner.change({ disabled_at: null });
    expect(await secretsOf(lasting.id)).toEqual([lasting.secret]);
  });

  it('is not missed by a process that cannot hear the news for a moment', async () => {
    const { id } = await inUse();
    await house.server.database.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'hackonomics-events'`,
    );
    await owner.send('DELETE', `${HMAC_CLIENTS}/${id}`);
    expect(await secretsOf(id)).toBeUndefined();
    await elsewhere(id, undefined);
  });
});

it('somebody else’s client is as unknown as none', async () => {
  const { id, secret } = await inUse();
  const stranger = await KeyOwner.signIn(house, 'stranger');
  const { id: key } = await stranger.make(API_KEYS);
  for (const unknown of [id, key, `hc_${'a'.repeat(16)}`, 'hc_', '%00', 'x']) {
    for (const [method, path] of [
      ['DELETE', unknown],
      ['POST', `${unknown}/rotate`],
    ] as const) {
      const answer = await stranger.send(method, `${HMAC_CLIENTS}/${path}`);
      expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'hmac_client_unknown' });
    }
  }
  expect(await secretsOf(id)).toEqual([secret]);
});

it.each([
  '',
  'hc_',
  'hc_0123456789abcdef0',
  'hc_0123456789ABCDEF',
  'hc_0123456789abcde\u0000',
  '0123456789abcdef',
  'x'.repeat(9_000),
])('no client is looked up by %j', async (keyId) => {
  expect(await clients(house.server).client(keyId)).toBeUndefined();
});

it('an API key is no client', async () => {
  const { id } = await owner.make(API_KEYS);
  expect(await clients(house.server).client(id)).toBeUndefined();
  expect(await clients(house.server).client(`hc_${id}`)).toBeUndefined();
});

it('the last use is noted when a signature was right', async () => {
  const { id } = await inUse();
  const lastUses = house.server.app.get(LastUses, { strict: false });
  await lastUses.write();
  expect((await storedCredential(house, id)).lastUsedAt).toBeNull();
  clients(house.server).used(id);
  await lastUses.write();
  expect(await owner.list(HMAC_CLIENTS)).toMatchObject([{ id, lastUsedAt: house.clock.now().toISOString() }]);
});

it('every change is in the audit log', async () => {
  const { id } = await owner.make(HMAC_CLIENTS);
  await owner.rotate(HMAC_CLIENTS, id);
  await owner.send('DELETE', `${HMAC_CLIENTS}/${id}`);
  const rows: unknown = await house.server.database.dataSource.query(
    `SELECT action, person FROM audit_events WHERE target = $1 ORDER BY id`,
    [id],
  );
  expect(rows).toEqual(
    ['created', 'rotated', 'deleted'].map((what) => ({ action: `hmac_client.${what}`, person: owner.userId })),
  );
});
