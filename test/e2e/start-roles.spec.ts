import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '../../libs/embedded-postgres/until.js';
import { type BuiltServer, ready, spawnBuiltServer } from '../support/built-server.js';
import { scratch, type Scratch } from '../support/scratch.js';
import { emptyDatabase, type TestDatabase } from '../support/test-database.js';

// Whole processes with whole databases: on a busy machine they take their time.
jest.setTimeout(60_000);

describe('on a PostgreSQL of the operator', () => {
  let place: Scratch;
  let database: TestDatabase;
  let servers: BuiltServer[] = [];

  const spawn = (env: Readonly<Record<string, string>>) => {
    const server = spawnBuiltServer({ ...place.env, DATABASE_URL: database.url, ...env });
    servers.push(server);
    return server;
  };
  const started = async (env: Readonly<Record<string, string>>) => {
    const server = spawn(env);
    await ready(server);
    return server;
  };

  beforeAll(async () => {
    [place, database] = await Promise.all([scratch(), emptyDatabase()]);
    // Of an empty database, by two at once: the other specs here stand on it.
    const both = [spawn({ ROLE: 'migrate' }), spawn({ ROLE: 'migrate' })];
    expect(await Promise.all(both.map((server) => server.exited))).toEqual([0, 0]);
    for (const server of both) expect(server.output()).toBe('The database schema is up to date.\n');
  });
  afterEach(async () => {
    expect(await Promise.all(servers.map((server) => server.stop()))).toEqual(
      servers.map((server) => server.process.exitCode),
    );
    servers = [];
  });
  afterAll(async () => {
    await database.drop();
    place.remove();
  });

  it('runs the API and the worker apart', async () => {
    const worker = await started({ ROLE: 'worker' });
    await expect(fetch(`${place.url}/health/live`)).rejects.toThrow();
    expect(worker.stdout()).toContain('Hackonomics worker is ready\n');
    expect(worker.stdout()).not.toMatch(/InstanceLoader|NestFactory|RouterExplorer/);
    const stored = (): Promise<unknown[]> => database.dataSource.query('SELECT 1 FROM rate_series');
    let rows = await stored();
    for (let i = 0; rows.length === 0 && i < 100; i++) rows = await until(() => true, 1).then(stored);

    const api = await started({ ROLE: 'api' });
    expect(api.stdout()).toContain('PostgreSQL at DATABASE_URL');
    expect((await fetch(`${place.url}/health/ready`)).status).toBe(200);
    expect(await worker.stop()).toBe(0);
    expect(await api.stop()).toBe(0);
  });

  it('serves on after its connections to the database were cut', async () => {
    const server = await started({});
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'hackonomics%' AND pid <> pg_backend_pid()`;
    for (let round = 0; round < 3; round++) {
      await fetch(`${place.url}/health/ready`);
      await database.dataSource.query(cut);
    }
    // The one that was cut while it was used may say so; the next is well.
    await fetch(`${place.url}/health/ready`);
    expect((await fetch(`${place.url}/health/ready`)).status).toBe(200);
    expect(server.process.exitCode).toBeNull();
    expect(await server.stop()).toBe(0);
  });

  it('turns unready at SIGTERM, finishes what is in flight, and ends', async () => {
    const server = await started({ ROLE: 'api' });
    const slow = connect(Number(place.env.PORT), '127.0.0.1');
    const answer = text(slow);
    const body = JSON.stringify({ refreshToken: 'x'.repeat(43) });
    slow.write(
      `POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    slow.write(body.slice(0, 10));
    // Another one on its own connection: once it is answered, the slow one has arrived too.
    const idle = await fetch(`${place.url}/health/ready`);
    expect(idle.status).toBe(200);
    await idle.text();

    server.process.kill('SIGTERM');
    const probe = async () => (await fetch(`${place.url}/health/ready`)).status;
    let status = await probe();
    for (let i = 0; status === 200 && i < 200; i++) status = await probe();
    expect(status).toBe(503);
    expect(server.process.exitCode).toBeNull();

    slow.write(body.slice(10));
    expect(await answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*\r\nConnection: close\r\n[\s\S]*"code":"/);
    expect(await server.exited).toBe(0);
  });

  it('keeps codes and tokens out of its log, at every level', async () => {
    const server = await started({ ROLE: 'api', LOG_LEVEL: 'trace' });
    await fetch(`${place.url}/auth/google/callback?code=hidden-code&state=hidden-state`, {
      headers: { authorization: 'Bearer hidden-token' },
    });
    await fetch(`${place.url}/api/users/me?hidden=query`, { headers: { cookie: 'hx_at=hidden-cookie' } });
    expect(await server.stop()).toBe(0);
    expect(server.output()).toContain('/auth/google/callback');
    expect(server.output()).not.toMatch(/hidden/);
  });

  it('has no development sign-in in production, and reads no .env', async () => {
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const env = {
      NODE_ENV: 'production',
      ROLE: 'api',
      SESSION_SECRET: randomBytes(48).toString('base64'),
      JWT_PRIVATE_KEY: pem.replaceAll('\n', '\\n'),
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'word',
    };
    const server = await started(env);
    expect(server.stdout()).toContain('Sign-in   Google (https://accounts.google.com)');
    for (const path of ['/dev-sign-in', '/dev-sign-in/auth', '/dev-sign-in/.well-known/openid-configuration']) {
      expect((await fetch(`${place.url}${path}`)).status).toBe(404);
    }
    const login = await fetch(`${place.url}/auth/google/login`, { redirect: 'manual' });
    expect(login.headers.get('location')).toMatch(/^https:\/\/accounts\.google\.com\//);
    expect(login.headers.get('set-cookie')).toContain('__Host-');
    server.process.kill('SIGINT');
    const [code] = (await once(server.process, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
