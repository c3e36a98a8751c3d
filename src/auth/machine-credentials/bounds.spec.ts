import { describe, expect, it } from '@jest/globals';
import { PgEvents } from '../../platform/events/pg-events.js';
import { DatabaseSettings } from '../../platform/database/database.js';
import { SystemClock } from '../../platform/time/clock.js';
import { CredentialsInForce } from './credentials-in-force.js';
import { LastUses } from './last-uses.js';
import type { UsableCredential } from './machine-credential.js';
import type { MachineCredentialsRepository } from './machine-credentials.repository.js';
import { randomId } from './secret-keeper.js';

/** News that is heard, without a database. */
class HeardNews extends PgEvents {
  override get listening(): boolean {
    return true;
  }
}

/** As many credentials as anybody may ask for. */
const endless = {
  usable: (_kind: string, id: string): Promise<UsableCredential> =>
    Promise.resolve({
      ...{ id, kind: 'api_key', userId: 'u', ownerRole: 'user', scopes: ['gateway'], tier: null, expiresAt: null },
      ...{ secret: Buffer.alloc(32), previousSecret: null, previousUntil: null },
    }),
  recordUses: (uses: ReadonlyMap<string, Date>): Promise<Set<string>> => {
    written.push(uses.size);
    return Promise.resolve(new Set(uses.keys()));
  },
} as Partial<MachineCredentialsRepository> as MachineCredentialsRepository;
const written: number[] = [];

describe('memory', () => {
  it('holds the credentials that were loaded last, and no more', async () => {
    const inForce = new CredentialsInForce(new HeardNews(new DatabaseSettings('', '')), endless);
    const ids = Array.from({ length: 20_010 }, (_, at) => `key-${at}`);
    for (const id of ids) await inForce.find('api_key', id);
    expect(ids.filter((id) => inForce.peek('api_key', id) === undefined)).toEqual(ids.slice(0, 10));
    expect(inForce.peek('hmac_client', 'key-20000')).toBeUndefined();
  });

  it('holds so many last uses between two writings, and no more', async () => {
    const lastUses = new LastUses(endless, new SystemClock());
    for (let at = 0; at < 50_010; at++) lastUses.note(`key-${at}`);
    await lastUses.write();
    expect(written).toEqual([50_000]);
  });
});

it('ids are of the whole alphabet, and do not repeat', () => {
  const ids = Array.from({ length: 2_000 }, randomId);
  expect(ids.every((id) => /^[a-z0-9]{16}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(ids.join('')).size).toBe(36);
});
