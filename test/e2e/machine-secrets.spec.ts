import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { HmacClients } from '../../src/auth/machine-credentials/hmac-clients.js';
import { LastUses } from '../../src/auth/machine-credentials/last-uses.js';
import { API_KEYS, HMAC_CLIENTS, KeyOwner, withKey } from '../support/machine-credentials.js';
import { SignInHouse } from '../support/sign-in-house.js';

let house: SignInHouse;
let lines: string[];
beforeAll(async () => {
  house = await SignInHouse.open({
    LOG_LEVEL: 'trace',
  });
  lines = house.logLines();
});
afterAll(() => house.close());

/** Every row of every table as text, bytes in hexadecimal. */
async function allRows(): Promise<string[]> {
  const { dataSource } = house.server.database;
  const tables = await dataSource.query<{ name: string }[]>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
      WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await dataSource.query<{ line: string }[]>(`SELECT t::text AS line FROM ${name} AS t`);
    rows.push(...found.map(({ line }) => line));
  }
  return rows;
}

it('secrets of keys and clients are in no log line, no row and no later answer', async () => {
  const owner = await KeyOwner.signIn(house, 'discreet');
  const key = await owner.make(API_KEYS);
  const client = await owner.make(HMAC_CLIENTS);
  const [rotatedKey, rotatedClient] = [
    await owner.rotate(API_KEYS, key.id),
    await owner.rotate(HMAC_CLIENTS, client.id),
  ];
  const send = (path: string, headers: Record<string, string>) => house.send('GET', path, { headers });
  const answers = [
    await send('/api/users/me', withKey(key.key)),
    await send('/api/users/me', withKey(rotatedKey.key)),
    await send(API_KEYS, withKey(key.key)),
    await send('/api/users/me', withKey(`${key.key}x`)),
    await send('/api/users/me', { ...withKey(key.key), ...owner.session }),
    await send(`/api/users/me?api_key=${key.key}`, {}),
    await owner.send('POST', API_KEYS, { name: key.key, scopes: [client.secret] }),
    await owner.send('DELETE', `${API_KEYS}/${key.key}`),
    await owner.send('GET', API_KEYS),
    await owner.send('GET', HMAC_CLIENTS),
  ];
  // A sealed secret that does not open is for the operator to hear of, without the secret.
  await house.server.database.dataSource.query(
    `UPDATE machine_credentials SET secret = set_byte(secret, 59, 255 - get_byte(secret, 59)) WHERE id = $1`,
    [client.id],
  );
  await owner.change({ role: 'user' });
  const known = await house.server.app.get(HmacClients, { strict: false }).client(client.id);
  expect(known?.secrets).toEqual([Buffer.from(client.secret, 'base64url')]);
  expect(lines.some((line) => line.includes('does not open') && line.includes(client.id))).toBe(true);
  await house.server.app.get(LastUses, { strict: false }).write();
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 401, 400, 400, 400, 404, 200, 200]);
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  const rows = await allRows();
  expect(rows.some((row) => row.includes(key.id))).toBe(true);
  expect(lines.some((line) => line.includes('/api/api-keys'))).toBe(true);
  const everything = [...lines, ...rows, ...bodies];
  for (const shown of [key.key, rotatedKey.key, client.secret, rotatedClient.secret]) {
    const secret = shown.slice(-43);
    for (const form of [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret, 'base64url').toString('hex'),
      Buffer.from(secret, 'base64url').toString('base64'),
    ]) {
      expect(everything.filter((text) => text.includes(form))).toEqual([]);
    }
  }
});
