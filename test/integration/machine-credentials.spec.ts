import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { CredentialsInForce } from '../../src/auth/machine-credentials/credentials-in-force.js';
import { HmacClients } from '../../src/auth/machine-credentials/hmac-clients.js';
import { LastUses } from '../../src/auth/machine-credentials/last-uses.js';
import { MachineCredentialsRepository } from '../../src/auth/machine-credentials/machine-credentials.repository.js';
import { API_KEYS, HMAC_CLIENTS, KeyOwner, storedCredential, withKey } from '../support/machine-credentials.js';
import { SignInHouse } from '../support/sign-in-house.js';
import type { TestApp } from '../support/test-app.js';
import { until } from '../support/rates.js';

let house: SignInHouse;
let lines: string[];
let replica: TestApp;
let owner: KeyOwner;
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  house = await SignInHouse.open({ JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
  replica = await house.replica({});
});
afterAll(async () => {
  await replica.stop();
  await house.close();
});
let people = 0;
beforeEach(async () => {
  owner = await KeyOwner.signIn(house, `owner-${people++}`);
});
afterEach(() => jest.restoreAllMocks());

const of = <T>(type: abstract new (...given: never[]) => T, { app }: TestApp = house.server) =>
  app.get<T>(type, { strict: false });
const access = async (key: string, url = house.url) =>
  (await fetch(`${url}/api/users/me`, { headers: withKey(key) })).status;

/** Statements of this test's processes that touch credentials, from now on. */
function statements(): string[] {
  const seen: string[] = [];
  const query = pg.Client.prototype.query as (this: pg.Client, ...given: unknown[]) => unknown;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const text = typeof given[0] === 'string' ? given[0] : ((given[0] as { text?: string } | undefined)?.text ?? '');
    if (text.includes('machine_credentials')) seen.push(text);
    return query.apply(this, given) as never;
  });
  return seen;
}
