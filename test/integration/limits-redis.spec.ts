import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { RateLimits } from '../../src/platform/limits/rate-limits.js';
import { letThrough, limitsOfAProcess, refusedBy, storedKey } from '../support/limits.js';
import { freePort } from '../support/test-app.js';

const REDIS = 'redis-server';
const isInstalled = spawnSync(REDIS, ['--version']).status === 0;
if (!isInstalled) console.warn('No redis-server on PATH: what replicas share by Redis is not tested here.');

/** Where Redis counts, the database is asked for nothing. */
const noDatabase = {
  query: () => Promise.reject(new Error('the database was asked')),
} as unknown as DataSource;

(isInstalled ? describe : describe.skip)('limits shared by Redis', () => {
  let folder: string;
  let port: number;
  let redis: ChildProcess;
  const opened: RateLimits[] = [];

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    folder = await mkdtemp(join(tmpdir(), 'hackonomics-redis-'));
    port = await freePort();
    redis = await startRedis();
  });
  afterAll(async () => {
    for (const limits of opened) limits.onApplicationShutdown();
    await stopRedis();
    await rm(folder, { recursive: true });
  });

  async function startRedis(): Promise<ChildProcess> {
    const server = spawn(REDIS, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
    for await (const text of server.stdout) if (/ready to accept connections/i.test(String(text))) break;
    return server;
  }

  async function stopRedis(): Promise<void> {
    if (redis.exitCode !== null || redis.signalCode !== null) return;
    redis.kill('SIGKILL');
    await once(redis, 'exit');
  }

  async function process(at = port): Promise<RateLimits> {
    const limits = await limitsOfAProcess(noDatabase, { REDIS_URL: `redis://127.0.0.1:${at}` });
    opened.push(limits);
    return limits;
  }

  /** The answer to one command, as Redis writes it. */
  async function ask(command: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return answer.toString();
  }

  it('let exactly as many through as they say, of 200 that come at once to two processes', async () => {
    const both = [await process(), await process()];
    const by = { address: '198.51.100.1' };
    expect(await letThrough(both, { name: 'failed_credentials', by, requests: 200 })).toBe(30);
  });

  it('tell how they stand, hold after a restart, and end with their window', async () => {
    const by = { address: '198.51.100.2', identity: 'user:redis' };
    const [byAddress, byIdentity] = await (await process()).take('writes', by);
    expect(byAddress).toMatchObject({ name: 'writes-address', limit: 600, remaining: 599, resetSeconds: 60 });
    expect(byIdentity).toMatchObject({ name: 'writes-identity', limit: 120, remaining: 119 });
    const key = `hackonomics:limits:${storedKey('failed_credentials-address', '198.51.100.2')}`;
    await letThrough([await process()], { name: 'failed_credentials', by, requests: 30 });
    expect((await refusedBy(async () => (await process()).take('failed_credentials', by)))?.state.remaining).toBe(0);
    expect(await ask(`PEXPIRE ${key} 0`)).toBe(':1\r\n');
    expect(await refusedBy(async () => (await process()).take('failed_credentials', by))).toBeUndefined();
  });

  it('are counted in memory while Redis is away, and in Redis again when it is back', async () => {
    const limits = await process();
    await limits.take('failed_credentials', { address: '198.51.100.3' });
    await stopRedis();
    const by = { address: '198.51.100.4' };
    expect(await letThrough([limits], { name: 'failed_credentials', by, requests: 50 })).toBe(30);
    redis = await startRedis();
    const key = `hackonomics:limits:${storedKey('failed_credentials-address', '198.51.100.5')}`;
    const counted = async () => {
      await limits.take('failed_credentials', { address: '198.51.100.5' });
      return (await ask(`EXISTS ${key}`)) === ':1\r\n';
    };
    await waitFor(counted);
  });

  it('do not wait for a Redis that is away when the application starts', async () => {
    const limits = await process(await freePort());
    const by = { address: '198.51.100.6' };
    expect(await letThrough([limits], { name: 'failed_credentials', by, requests: 50 })).toBe(30);
  });

  it('leave no connection behind', async () => {
    const limits = await limitsOfAProcess(noDatabase, { REDIS_URL: `redis://127.0.0.1:${port}` });
    await limits.take('sign_in', { address: '198.51.100.7' });
    for (const other of opened) other.onApplicationShutdown();
    const clients = async () => (await ask('CLIENT LIST')).split('name=hackonomics-limits').length - 1;
    await waitFor(async () => (await clients()) === 1);
    limits.onApplicationShutdown();
    await waitFor(async () => (await clients()) === 0);
  });
});

/** Asks again until it is so; the time limit of the test ends it. */
async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}
