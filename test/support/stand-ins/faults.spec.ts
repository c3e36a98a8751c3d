import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StandInServer } from './server.js';

const CONTENT = JSON.stringify({ hello: 'world', list: [1, 2, 3] });
let server: StandInServer;

beforeEach(async () => {
  server = await StandInServer.start(() => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: CONTENT,
  }));
});

afterEach(() => server.close());

const call = (path = '/', init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + path, { redirect: 'manual', ...init });

test('without orders it answers well and remembers what it was asked', async () => {
  const response = await call('/a/b?x=1&y=two', { method: 'POST', body: 'text', headers: { 'x-mine': 'yes' } });
  expect(await response.text()).toBe(CONTENT);
  expect(server.requests).toEqual([
    expect.objectContaining({
      method: 'POST',
      url: '/a/b?x=1&y=two',
      path: '/a/b',
      query: { x: '1', y: 'two' },
      body: 'text',
    }),
  ]);
  expect(server.requests[0]?.headers['x-mine']).toBe('yes');
  expect(Math.abs((server.requests[0]?.time ?? 0) - Date.now())).toBeLessThan(60_000);
});

describe('orders', () => {
  test('hold for their requests, so many times, in their order, until cleared', async () => {
    const twice = server.plan({ match: /GET \/rates/, times: 2, fault: { kind: 'status', status: 503 } });
    const then = server.plan({ match: /\/rates/, fault: { kind: 'status', status: 500, body: 'broken' } });
    const statuses: number[] = [];
    for (const path of ['/other', '/rates?a=b', '/rates', '/rates', '/rates']) statuses.push((await call(path)).status);
    expect(statuses).toEqual([200, 503, 503, 500, 500]);
    expect([twice.hits, then.hits]).toEqual([2, 2]);
    then.clear();
    expect((await call('/rates')).status).toBe(200);
    server.plan({
      fault: {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '7' },
        body: { status: 429, message: 'slow down' },
      },
    });
    const limited = await call();
    expect([limited.status, limited.headers.get('retry-after'), await limited.json()]).toEqual([
      429,
      '7',
      { status: 429, message: 'slow down' },
    ]);
    server.clearPlans();
    expect((await call()).status).toBe(200);
  });
});

describe('faults', () => {
  test('html', async () => {
    server.plan({ fault: { kind: 'html' } });
    const response = await call();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await response.text()).toMatch(/^<!DOCTYPE html>/);
  });

  test('half, with the connection closed', async () => {
    server.plan({ fault: { kind: 'half' } });
    const response = await call();
    expect(response.headers.get('content-length')).toBe(String(CONTENT.length));
    await expect(response.text()).rejects.toThrow();
  });

  test('half, cleanly: only a parser notices', async () => {
    server.plan({ fault: { kind: 'half', cut: 'clean' } });
    const text = await (await call()).text();
    expect(text).toBe(CONTENT.slice(0, Math.floor(CONTENT.length / 2)));
    expect(() => JSON.parse(text) as unknown).toThrow();
  });

  test('drop', async () => {
    server.plan({ fault: { kind: 'drop' } });
    await expect(call()).rejects.toThrow('fetch failed');
  });

  test('redirect', async () => {
    server.plan({ fault: { kind: 'redirect', to: 'http://169.254.169.254/', status: 307 } });
    const response = await call();
    expect([response.status, response.headers.get('location')]).toEqual([307, 'http://169.254.169.254/']);
  });

  test('hang: not even headers; the client’s deadline or our close ends it', async () => {
    server.plan({ fault: { kind: 'hang' } });
    await expect(call('/', { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    const waiting = expect(call()).rejects.toThrow('fetch failed');
    await server.close();
    await waiting;
  });

  test('hang after the headers', async () => {
    server.plan({ fault: { kind: 'hang', after: 'headers' } });
    const response = await call('/', { signal: AbortSignal.timeout(200) });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test('delay and delayMs', async () => {
    server.plan({ times: 1, fault: { kind: 'delay', ms: 60 } });
    server.delayMs = 40;
    const started = performance.now();
    expect(await (await call()).text()).toBe(CONTENT);
    // Timers may fire a millisecond early.
    expect(performance.now() - started).toBeGreaterThanOrEqual(97);
  });

  test('drip: whole in the end', async () => {
    server.plan({ fault: { kind: 'drip', everyMs: 1, pieceBytes: 4 } });
    expect(await (await call()).text()).toBe(CONTENT);
  });

  test('endless: 100 MB unless the client stops reading', async () => {
    const plan = server.plan({ fault: { kind: 'endless' } });
    const stop = new AbortController();
    const response = await call('/', { signal: stop.signal });
    expect(response.headers.has('content-length')).toBe(false);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toMatch(/^\[\{"padding":"/);
    stop.abort();
    await expect(reader.read()).rejects.toThrow();
    expect(plan.bytesSent).toBeLessThan(50 * 1024 * 1024);
    server.clearPlans();
    server.plan({ fault: { kind: 'endless', bytes: 1_000_000 } });
    expect((await (await call()).text()).length).toBe(1_000_000 + '[{"padding":"'.length);
  });
});

test('requests at once are counted', async () => {
  server.delayMs = 30;
  await Promise.all([call('/1'), call('/2'), call('/3')].map(async (answer) => (await answer).text()));
  expect(server.mostInFlight).toBe(3);
});

test('closing ends what waits, twice is no error, and the port can be taken again', async () => {
  server.delayMs = 60_000;
  const waiting = expect(call()).rejects.toThrow('fetch failed');
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  await server.close();
  await waiting;
  const again = await StandInServer.start(() => ({ status: 204 }), { port: server.port });
  try {
    expect(again.url).toBe(server.url);
    expect((await call()).status).toBe(204);
  } finally {
    await again.close();
  }
});

test('a handler that fails says so with 500', async () => {
  const failing = await StandInServer.start(() => {
    throw new Error('a slip of ours');
  });
  try {
    const response = await fetch(failing.url);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('a slip of ours');
  } finally {
    await failing.close();
  }
});
