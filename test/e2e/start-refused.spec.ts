import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { spawnBuiltServer } from '../support/built-server.js';
import { scratch, type Scratch } from '../support/scratch.js';
import { emptyDatabase, type TestDatabase, testDatabase } from '../support/test-database.js';

const BAD_ENVIRONMENT_MS = 2_000;

const newKey = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
/** Right in all, until one is changed. */
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://u:hidden-word@127.0.0.1:1/d',
  SESSION_SECRET: randomBytes(48).toString('base64'),
  JWT_PRIVATE_KEY: newKey('P-256'),
  PUBLIC_URL: 'https://app.example',
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'hidden-word',
};

// Whole processes with whole databases: on a busy machine they take their time.
jest.setTimeout(60_000);

describe('a start that cannot be', () => {
  let place: Scratch;
  let database: TestDatabase;

  beforeAll(async () => {
    [place, database] = await Promise.all([scratch(), testDatabase()]);
  });
  afterAll(async () => {
    await database.drop();
    place.remove();
  });

  /** The one line with which the process ends; status 1, nothing on stdout, no secret in the line. */
  async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
    const server = spawnBuiltServer({ ...place.env, ...env });
    expect(await server.exited).toBe(1);
    expect(server.stdout()).toBe('');
    expect(server.output()).toMatch(/^Hackonomics cannot start\. [^\n]+\n$/);
    for (const secret of [env.SESSION_SECRET, env.JWT_PRIVATE_KEY]) {
      if (secret) expect(server.output()).not.toContain(secret.slice(-60));
    }
    expect(server.output()).not.toMatch(/127\.0\.0\.1:\d+\/|:[^/ ]+@|hidden-word/);
    return server.output();
  }

  it.each([
    [{ PORT: '70000' }, 'PORT '],
    [{ DATABASE_URL: 'mysql://u:hidden-word@h/d' }, 'DATABASE_URL '],
    [{ ROLE: 'hidden-word' }, 'ROLE '],
    [{ NODE_ENV: 'production' }, 'DATABASE_URL '],
    [{ NODE_ENV: 'production', DATABASE_URL: 'postgres://u:hidden-word@h/d' }, 'SESSION_SECRET '],
    [{ HOST: '0.0.0.0' }, 'GOOGLE_CLIENT_ID '],
    [{ JWT_PRIVATE_KEY: 'hidden-word' }, 'JWT_PRIVATE_KEY '],
  ])('with %j is told within 2 s', (env, variable) => expectTold(env, variable));

  it.each<[string, Record<string, string>, string]>([
    ['a short secret', { SESSION_SECRET: 'hidden-word' }, 'SESSION_SECRET '],
    ['a secret of an example', { SESSION_SECRET: 'change-me-hidden-word-hidden-word-hidden' }, 'SESSION_SECRET '],
    ['no signing key', { JWT_PRIVATE_KEY: '' }, 'JWT_PRIVATE_KEY '],
    ['every limit off', { RATE_LIMIT_SCALE: '0' }, 'RATE_LIMIT_SCALE '],
  ])('in production, with %s, is told within 2 s', (_what, change, variable) =>
    expectTold({ ...PRODUCTION, ...change }, variable),
  );

  async function expectTold(env: Readonly<Record<string, string>>, variable: string): Promise<void> {
    const since = performance.now();
    expect(await refusal(env)).toContain(`start. ${variable}`);
    expect(performance.now() - since).toBeLessThan(BAD_ENVIRONMENT_MS);
  }

  it('says plainly why a database cannot be used', async () => {
    const address = new URL(database.url);
    const change = (part: 'password' | 'pathname' | 'port' | 'hostname', value: string) => {
      const url = new URL(address);
      url[part] = value;
      return { DATABASE_URL: url.href };
    };
    const mute = await listener(() => undefined);
    const rude = await listener((server) => server.on('connection', (socket) => socket.end()));
    const [password, missing, nothing, noAnswer, noPostgres] = await Promise.all([
      refusal(change('password', 'hidden-word')),
      refusal(change('pathname', '/missing')),
      refusal(change('port', '1')),
      refusal(change('port', String(mute.port))),
      refusal(change('port', String(rude.port))),
    ]);
    expect(password).toContain('it refuses this user or password');
    expect(missing).toContain('there is no such database');
    expect(nothing).toContain('nothing listens there');
    expect(noAnswer).toContain('it does not answer');
    expect(noPostgres).toContain('it broke the connection off');
    for (const line of [password, missing, nothing])
      expect(line).toContain('The database of DATABASE_URL cannot be used');
    await Promise.all([mute.close(), rude.close()]);
  });

  it('names the direct connection where that is at fault', async () => {
    const line = await refusal({ DATABASE_URL: database.url, DATABASE_DIRECT_URL: 'postgres://u@127.0.0.1:1/d' });
    expect(line).toContain('The database of DATABASE_DIRECT_URL cannot be used: nothing listens there.');
  });

  it('says that the port is taken, and by whose wish', async () => {
    const other = await listener(() => undefined);
    const line = await refusal({ DATABASE_URL: database.url, PORT: String(other.port) });
    expect(line).toContain(`Another program already listens on 127.0.0.1:${other.port}`);
    await other.close();
  });

  it('says that this machine has no such address', async () => {
    const env = {
      DATABASE_URL: database.url,
      HOST: '192.0.2.1',
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'hidden-word',
    };
    expect(await refusal(env)).toContain('This machine has no address 192.0.2.1');
  });

  it('says that a named data folder cannot be used, for the database and for secrets', async () => {
    const closed = join(place.folder, 'closed');
    mkdirSync(closed);
    // Root writes everywhere, but the database's own user does not get there.
    chmodSync(closed, process.getuid?.() === 0 ? 0o700 : 0o500);
    expect(await refusal({ DATA_DIR: join(closed, 'data') })).toMatch(
      /The data folder .* cannot be (reached|written|made)/,
    );
    const inTheWay = join(place.folder, 'rates.csv');
    expect(await refusal({ DATA_DIR: inTheWay })).toContain('a file is in its way');
    expect(await refusal({ DATABASE_URL: database.url, DATA_DIR: inTheWay })).toContain(
      'The generated secrets cannot be kept',
    );
    chmodSync(closed, 0o700);
  });

  it('sends a replica without its schema to ROLE=migrate', async () => {
    const empty = await emptyDatabase();
    for (const ROLE of ['api', 'worker'])
      expect(await refusal({ DATABASE_URL: empty.url, ROLE })).toContain('ROLE=migrate');
    await empty.drop();
  });
});

async function listener(configure: (server: Server) => unknown): Promise<{ port: number; close(): Promise<unknown> }> {
  const server = createServer();
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  configure(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
