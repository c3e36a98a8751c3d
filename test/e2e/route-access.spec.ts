import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bearer, problemOf, SignInHouse, type Tokens } from '../support/sign-in-house.js';

interface Operation {
  readonly operationId: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
const document = JSON.parse(readFileSync(join(ROOT, 'libs', 'api-client', 'openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};

/** Open to everybody. A route that is new is closed until it is named here or below. */
const PUBLIC = new Set([
  'Health_live',
  'Health_ready',
  'Auth_login',
  'Auth_callback',
  'Auth_refresh',
  'Auth_logout',
  'Jwks_keys',
  'Countries_list',
  'ExchangeRate_currencies',
  'ExchangeRate_newest',
  'ExchangeRate_chart',
  'History_history',
  'History_csv',
  'History_ndjson',
  'Conversion_convert',
  'ChartPicture_picture',
  'Simulations_dca',
]);
/** Open to whoever has the scope, keys and signed clients too. */
const BY_SCOPE = new Map([
  ['Users_me', 'profile:read'],
  ['Users_change', 'profile:write'],
  ['ExchangeRate_ownChart', 'rates:read'],
  ['ExchangeRate_ownNewest', 'rates:read'],
  ['Backfills_start', 'rates:write'],
  ['Jobs_show', 'rates:write'],
  ['Jobs_cancel', 'rates:write'],
]);

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ method: method.toUpperCase(), path, operationId })),
);
const closed = operations.filter(({ operationId }) => !PUBLIC.has(operationId));
const forPeople = closed.filter(({ operationId }) => !BY_SCOPE.has(operationId));
const forAdministrators = forPeople.filter(({ path }) => path.startsWith('/api/admin/'));
const named = ({ method, path }: (typeof operations)[number]): [string, string] => [method, path];

let house: SignInHouse;
let person: Tokens;
let boss: Tokens;
beforeAll(async () => {
  house = await SignInHouse.open({ ADMIN_EMAILS: 'boss@example.com' });
  [person, boss] = [await house.tokens('somebody'), await house.tokens('boss')];
});
afterAll(() => house.close());

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  house.send(method, path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000'), { headers });

async function keyWith(tokens: Tokens, scopes: readonly string[]): Promise<string> {
  const body = { name: 'a key', scopes };
  const answer = await house.send('POST', '/api/api-keys', { body, headers: bearer(tokens.accessToken) });
  return ((await answer.json()) as { key: string }).key;
}

it('every name in the lists is a route', () => {
  const names = new Set(operations.map(({ operationId }) => operationId));
  for (const name of [...PUBLIC, ...BY_SCOPE.keys()]) expect(names).toContain(name);
  expect(forAdministrators.length).toBeGreaterThanOrEqual(4);
});

describe('nobody gets into', () => {
  it.each(closed.map(named))('%s %s', async (method, path) => {
    expect(await problemOf(await ask(method, path))).toMatchObject({ status: 401, code: 'not_signed_in' });
  });
});

describe('no key of an administrator, whatever its scopes, gets into', () => {
  let key: string;
  beforeAll(async () => {
    expect(boss.user).toMatchObject({ role: 'admin' });
    key = await keyWith(boss, ['rates:read', 'rates:write', 'profile:read', 'profile:write', 'gateway']);
  });

  it.each(forPeople.map(named))('%s %s', async (method, path) => {
    const answer = await ask(method, path, { 'x-api-key': key });
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'session_needed' });
  });
});

describe('nobody but an administrator gets into', () => {
  it.each(forAdministrators.map(named))('%s %s', async (method, path) => {
    const answer = await ask(method, path, bearer(person.accessToken));
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'admin_only' });
  });
});

describe('a key needs the scope of', () => {
  it.each(closed.filter(({ operationId }) => BY_SCOPE.has(operationId)))(
    '$method $path',
    async ({ method, path, operationId }) => {
      const scope = BY_SCOPE.get(operationId) ?? '';
      const others = ['rates:read', 'profile:read', 'profile:write', 'gateway'].filter((other) => other !== scope);
      const without = await ask(method, path, { 'x-api-key': await keyWith(person, others) });
      expect(await problemOf(without)).toMatchObject({ status: 403, code: 'scope_missing' });
      // Only an administrator's key may have rates:write.
      const owner = scope === 'rates:write' ? boss : person;
      const answer = await ask(method, path, { 'x-api-key': await keyWith(owner, [scope]) });
      expect([401, 403]).not.toContain(answer.status);
    },
  );
});

it('docs/security.md names specs that exist, each of its promises at least one', () => {
  const lines = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !/^\| (-+|promise +) \|/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const specs = [...row.matchAll(/`((?:src|test)\/[\w./-]+\.spec\.ts)`/g)].map(([, spec]) => spec ?? '');
    expect({ row, specs: specs.length }).not.toMatchObject({ specs: 0 });
    for (const spec of specs) expect(readFileSync(join(ROOT, spec), 'utf8')).toMatch(/\bit[.(]/);
  }
});
