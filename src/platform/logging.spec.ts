import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { pinoHttp } from 'pino-http';
import { httpLogOptions } from './logging.js';

function logger(level: 'debug' | 'info' = 'debug') {
  const stream = new PassThrough({ encoding: 'utf8' });
  const lines = () =>
    String(stream.read() ?? '')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { http: pinoHttp(httpLogOptions(level), stream), lines };
}

describe('the log', () => {
  it('tells what an error is and what caused it, and nothing that hangs on it', () => {
    const { http, lines } = logger();
    const cause = Object.assign(new RangeError('too far'), { config: { headers: { authorization: 'Bearer hidden' } } });
    http.logger.warn({ err: Object.assign(new Error('no rates', { cause }), { request: 'hidden' }) }, 'failed');
    const [line] = lines();
    expect(line).toMatchObject({
      msg: 'failed',
      err: { type: 'Error', message: 'no rates', cause: { type: 'RangeError', message: 'too far' } },
    });
    expect((line!.err as { stack: string }).stack).toContain('logging.spec');
    expect(JSON.stringify(line)).not.toContain('hidden');
  });

  it('ends with a ring of causes, and takes what is no error', () => {
    const { http, lines } = logger();
    const ring = new Error('round');
    ring.cause = ring;
    http.logger.warn({ err: ring }, 'ring');
    http.logger.warn({ err: 'hidden' }, 'thrown text');
    expect(lines()).toMatchObject([{ msg: 'ring' }, { err: { type: 'string', message: 'not an Error' } }]);
  });

  it('has a request by method and path alone', async () => {
    const { http, lines } = logger();
    const server = createServer((request, response) => {
      http(request, response);
      response.setHeader('Set-Cookie', 'hx_at=hidden').end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/auth/google/callback?code=hidden`, {
      headers: { authorization: 'Bearer hidden', cookie: 'a=hidden' },
    });
    await new Promise((resolve) => server.close(resolve));
    const [line] = lines();
    expect(line).toMatchObject({ req: { method: 'GET', path: '/auth/google/callback' }, res: { status: 200 } });
    expect(JSON.stringify(line)).not.toContain('hidden');
  });
});
