import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { processesWith, query } from '../../libs/embedded-postgres/spec-support.js';
import { until } from '../../libs/embedded-postgres/until.js';
import { type BuiltServer, ready, spawnBuiltServer } from '../support/built-server.js';
import { scratch, type Scratch } from '../support/scratch.js';

// Whole processes with whole databases: on a busy machine they take their time.
jest.setTimeout(60_000);

describe('the embedded start', () => {
  let place: Scratch;
  let servers: BuiltServer[] = [];

  const spawn = (env: Readonly<Record<string, string>> = place.env, options = {}) => {
    const server = spawnBuiltServer(env, undefined, options);
    servers.push(server);
    return server;
  };
  const started = async (options = {}) => {
    const server = spawn(place.env, options);
    await ready(server);
    return server;
  };
  /** The server's processes are known by their folder; the watcher and initdb have it among their arguments too. */
  const nothingRuns = (dataDir: string) => until(() => processesWith(dataDir).length === 0, 10_000);
  const postmaster = () => readFileSync(join(place.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  const databaseUrl = () => {
    const password = readFileSync(join(place.dataDir, 'postgres.password'), 'utf8').trim();
    return `postgres://hackonomics:${password}@127.0.0.1:${postmaster()[3]}/hackonomics`;
  };

  beforeAll(async () => {
    place = await scratch();
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    servers = [];
  });
  afterAll(() => place.remove());

  it('says what is in use and where it is ready, keeps its database to this machine, and its folder to itself', async () => {
    const server = await started();
    const lines = server.stdout().trimEnd().split('\n');
    const at = lines.indexOf(`Hackonomics is ready at http://localhost:${place.env.PORT}`);
    const banner = lines.slice(0, at).filter((line) => !line.startsWith('{'));
    expect(banner.join('\n')).toMatch(
      /Database +embedded PostgreSQL 18\.\d+, data in .*\n +Sign-in +built-in .*\n +Rates +ecb; /,
    );
    expect(banner.join('\n')).toContain(place.dataDir);
    // Whatever is logged is one JSON object a line, and nothing goes to stderr.
    for (const line of lines.filter((each) => each.startsWith('{'))) expect(JSON.parse(line)).toHaveProperty('msg');
    expect(server.output()).toBe(server.stdout());

    const port = Number(postmaster()[3]);
    for (const address of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      if (!address.internal && address.family === 'IPv4') expect(await reaches(address.address, port)).toBe(false);
    }
    expect(await reaches('127.0.0.1', port)).toBe(true);

    const second = spawn();
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/^Hackonomics cannot start\. The data folder .* is in use by process \d+ .*\n$/);
    expect(second.output()).toContain(`process ${server.process.pid} `);
    expect((await fetch(`${place.url}/health/ready`)).status).toBe(200);
  });

  it('finds the data of the start before: after a stop, after a kill that nothing can catch, after the end of its database', async () => {
    const first = await started();
    await query(databaseUrl(), `DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 'from the first start' AS word`);
    expect(await first.stop()).toBe(0);
    expect(await nothingRuns(place.dataDir)).toBe(true);

    const second = await started();
    expect(second.output()).not.toContain('recovered');
    await query(databaseUrl(), `INSERT INTO kept VALUES ('from the second')`);
    expect(await second.stop('SIGKILL')).toBeNull();
    expect(await nothingRuns(place.dataDir)).toBe(true);

    const third = await started();
    expect(third.output()).toContain('the database has recovered');
    expect(await query(databaseUrl(), 'SELECT word FROM kept')).toEqual([
      { word: 'from the first start' },
      { word: 'from the second' },
    ]);
    process.kill(Number(postmaster()[0]), 'SIGINT');
    expect(await third.exited).toBe(1);
    expect(third.output()).toMatch(/^Hackonomics stops\. The embedded database in .* ended by itself.*$/m);
  });

  it('stops in order on Ctrl-C, which reaches the whole process group', async () => {
    const server = await started({ ownGroup: true });
    process.kill(-server.process.pid!, 'SIGINT');
    expect(await server.exited).toBe(0);
    expect(await nothingRuns(place.dataDir)).toBe(true);
  });

  it('stops in order while it is still starting', async () => {
    const server = spawn();
    expect(await until(() => processesWith(place.dataDir).length > 0, 10_000)).toBe(true);
    expect(await server.stop()).toBe(0);
    expect(server.output()).not.toContain('ready');
    expect(await nothingRuns(place.dataDir)).toBe(true);
  });
});

function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const settle = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
