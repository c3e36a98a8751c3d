import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { gzipSync, brotliCompressSync } from 'node:zlib';
import { HttpService } from '@nestjs/axios';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { UpstreamCall } from './upstream-call.js';
import { UpstreamClient } from './upstream-client.js';
import { UpstreamError } from './upstream-error.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe('UpstreamClient', () => {
  let client: UpstreamClient;
  let server: Server;
  let origin: string;
  let handler: Handler;
  let requests: string[];
  let rawServers: TcpServer[];

  beforeEach(async () => {
    client = new UpstreamClient(new HttpService());
    requests = [];
    rawServers = [];
    server = createServer((request, response) => {
      requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
      handler(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    client.onApplicationShutdown();
    for (const raw of rawServers) raw.close();
    server.closeAllConnections();
    server.close();
  });

  const call = (more: Partial<UpstreamCall> = {}): UpstreamCall => ({
    upstream: 'rates',
    url: `${origin}/data?key=secret`,
    deadlineMs: 5_000,
    maxBytes: 1_000_000,
    ...more,
  });

  const failure = async (promise: Promise<unknown>): Promise<UpstreamError> => {
    const error: unknown = await promise.then(
      () => new Error('the call succeeded'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof UpstreamError)) throw error as Error;
    expect(error.upstream).toBe('rates');
    expect(error.message).not.toMatch(/secret|<html>|127\.0\.0\.1/);
    return error;
  };

  const lines = async (more: Partial<UpstreamCall> = {}): Promise<string[]> => {
    const all: string[] = [];
    for await (const line of client.lines(call(more))) all.push(line);
    return all;
  };

  const answer =
    (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Handler =>
    (_request, response) => {
      response.writeHead(status, headers).end(body);
    };

  /** Ends the connection in the middle of the body. */
  const cut =
    (body: string, headers: Record<string, string>): Handler =>
    (_request, response) => {
      response.writeHead(200, headers);
      response.write(body, () => response.socket?.end());
    };

  /** A server that sends these bytes, as no HTTP library would, and hangs up. */
  const rawServer = async (bytes: string): Promise<string> => {
    const raw = createTcpServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(bytes));
    });
    rawServers.push(raw);
    raw.listen(0, '127.0.0.1');
    await once(raw, 'listening');
    return `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
  };

  describe('an answer', () => {
    it('is parsed as JSON, with status and headers', async () => {
      handler = answer('{"a":1.5}', { 'content-type': 'application/json', 'X-Part': 'one' });
      const result = await client.json(call());
      expect(result).toMatchObject({ status: 200, body: { a: 1.5 } });
      expect(result.headers['x-part']).toBe('one');
    });

    it('is unpacked from gzip and brotli', async () => {
      handler = answer(gzipSync('{"a":1}'), { 'content-encoding': 'gzip' });
      expect((await client.json(call())).body).toEqual({ a: 1 });
      handler = answer(brotliCompressSync('{"a":2}'), { 'content-encoding': 'br' });
      expect((await client.json(call())).body).toEqual({ a: 2 });
    });

    it('may have no body', async () => {
      handler = answer('', { 'content-encoding': 'gzip' }, 204);
      expect((await client.text(call())).body).toBe('');
    });

    it('has the status that the caller allows', async () => {
      handler = answer('{"message":"not found"}', {}, 404);
      expect(await client.json(call({ okStatuses: [200, 404] }))).toMatchObject({ status: 404 });
      expect((await failure(client.json(call()))).status).toBe(404);
    });

    it('comes back to a form, to JSON, and with the headers of the call', async () => {
      handler = (request, response) => {
        request.setEncoding('utf8').once('data', (body) => {
          response.end([request.method, request.headers['content-type'], request.headers['x-a'], body].join(' '));
        });
      };
      const form = await client.text(
        call({ method: 'post', body: { form: { a: 'x y', b: '&' } }, headers: { 'X-A': '1' } }),
      );
      expect(form.body).toBe('POST application/x-www-form-urlencoded 1 a=x+y&b=%26');
      const json = await client.text(call({ method: 'POST', body: { json: { a: 'ä' } } }));
      expect(json.body).toBe('POST application/json  {"a":"ä"}');
    });

    it('reuses one connection', async () => {
      let connections = 0;
      server.on('connection', () => connections++);
      handler = answer('ok');
      await client.text(call());
      await client.text(call());
      expect(connections).toBe(1);
    });

    it('is asked for once more when the upstream has closed the idle connection', async () => {
      let first = true;
      handler = (request, response) => {
        if (first) response.end('first');
        else if (requests.length === 2) request.socket.resetAndDestroy();
        else response.end('fresh');
        first = false;
      };
      await client.text(call());
      expect((await client.text(call())).body).toBe('fresh');
      expect(requests).toHaveLength(3);
    });

    it('to a POST is never asked for twice', async () => {
      handler = (request, response) => {
        if (requests.length === 1) response.end('first');
        else request.socket.resetAndDestroy();
      };
      await client.text(call());
      expect((await failure(client.text(call({ method: 'POST', body: { json: 1 } })))).kind).toBe('unreachable');
      expect(requests).toHaveLength(2);
    });
  });

  describe('the deadline', () => {
    it('covers the wait for headers', async () => {
      handler = () => undefined;
      expect((await failure(client.json(call({ deadlineMs: 30 })))).kind).toBe('timeout');
    });

    it('covers the body', async () => {
      handler = (_request, response) => void response.write('{"a":');
      expect((await failure(client.json(call({ deadlineMs: 60 })))).kind).toBe('timeout');
    });

    it('covers the body of lines', async () => {
      handler = (_request, response) => void response.write('one\ntwo\nthr');
      expect((await failure(lines({ deadlineMs: 60 }))).kind).toBe('timeout');
    });
  });

  describe('the byte cap', () => {
    it('ends an endless body', async () => {
      handler = (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(10_000)));
        };
        response.on('drain', more);
        more();
      };
      expect((await failure(client.bytes(call({ maxBytes: 50_000 })))).kind).toBe('too_large');
      expect((await failure(lines({ maxBytes: 50_000 }))).kind).toBe('too_large');
    });

    it('counts unpacked bytes', async () => {
      handler = answer(gzipSync(Buffer.alloc(20_000_000)), { 'content-encoding': 'gzip' });
      expect((await failure(client.bytes(call()))).kind).toBe('too_large');
    });

    it('refuses by the announced length, without reading', async () => {
      handler = (_request, response) => {
        response.writeHead(200, { 'content-length': '2000000' }).write('x');
      };
      const error = await failure(client.bytes(call()));
      expect(error.kind).toBe('too_large');
      expect(error.message).toContain('announced');
    });

    it('allows exactly the cap', async () => {
      handler = answer('x'.repeat(1000));
      expect((await client.bytes(call({ maxBytes: 1000 }))).body).toHaveLength(1000);
      expect((await failure(client.bytes(call({ maxBytes: 999 })))).kind).toBe('too_large');
    });
  });

  describe('the signal of the caller', () => {
    it('ends the wait and the connection', async () => {
      const abort = new AbortController();
      const closed = new Promise((resolve) => {
        handler = (request) => {
          request.socket.once('close', resolve);
          abort.abort();
        };
      });
      expect((await failure(client.json(call({ signal: abort.signal })))).kind).toBe('aborted');
      await closed;
    });

    it('ends the body', async () => {
      const abort = new AbortController();
      handler = (_request, response) => void response.write('one\n');
      const read = async () => {
        for await (const line of client.lines(call({ signal: abort.signal }))) if (line === 'one') abort.abort();
      };
      expect((await failure(read())).kind).toBe('aborted');
    });

    it('sends nothing when it has come before', async () => {
      handler = answer('{}');
      expect((await failure(client.json(call({ signal: AbortSignal.abort() })))).kind).toBe('aborted');
      expect(requests).toEqual([]);
    });
  });

  describe('a bad answer', () => {
    it.each([
      ['an HTML page', '<html>secret</html>', { 'content-type': 'text/html; charset=utf-8' }],
      ['an HTML page that calls itself JSON', '<html>secret</html>', { 'content-type': 'application/json' }],
      ['half a JSON of full length', '{"a": "secre', {}],
      ['nothing', '', {}],
      ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}],
      ['an unknown encoding', '{}', { 'content-encoding': 'snappy' }],
      ['no gzip at all', '{}', { 'content-encoding': 'gzip' }],
      ['half a gzip', gzipSync('{"a":1}'.padEnd(5000)).subarray(0, 30), { 'content-encoding': 'gzip' }],
    ])('%s is malformed', async (_name, body, headers) => {
      handler = answer(body, headers);
      const error = await failure(client.json(call()));
      expect(error.kind).toBe('malformed');
      expect(error.retryable).toBe(true);
    });

    it('that breaks off before its length is unreachable', async () => {
      handler = cut('{"a":1}', { 'content-length': '100' });
      expect((await failure(client.json(call()))).kind).toBe('unreachable');
    });

    it('that breaks off within chunks is unreachable', async () => {
      handler = cut('{"a":1}', {});
      expect((await failure(client.json(call()))).kind).toBe('unreachable');
    });

    it('that breaks off unseen is malformed by its JSON', async () => {
      const url = await rawServer('HTTP/1.1 200 OK\r\n\r\n{"a":');
      expect((await failure(client.json(call({ url })))).kind).toBe('malformed');
    });

    it('is one with a status we did not ask for, with its Retry-After in seconds', async () => {
      handler = answer('secret', { 'retry-after': '7' }, 503);
      expect(await failure(client.json(call()))).toMatchObject({
        kind: 'status',
        status: 503,
        retryAfter: 7,
        retryable: true,
      });
    });

    it('is one with a Retry-After date, counted from its own clock', async () => {
      const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
      handler = answer('', { date, 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT' }, 429);
      expect(await failure(client.json(call()))).toMatchObject({ status: 429, retryAfter: 30 });
    });
  });

  describe('lines', () => {
    it('are split at \\n and \\r\\n, whatever the chunks, with and without a last break', async () => {
      handler = (_request, response) => {
        const bytes = Buffer.from('\u{feff}ä1\r\nb2\n\nc3');
        for (const byte of bytes) response.write(Buffer.from([byte]));
        response.end();
      };
      expect(await lines()).toEqual(['ä1', 'b2', '', 'c3']);
    });

    it('throw when the body breaks off, even between lines', async () => {
      handler = cut('one\ntwo\n', { 'content-length': '100' });
      expect((await failure(lines())).kind).toBe('unreachable');
      handler = cut('one\ntwo\n', {});
      expect((await failure(lines())).kind).toBe('unreachable');
    });

    it('throw when nobody can tell whether the body is whole', async () => {
      const url = await rawServer('HTTP/1.1 200 OK\r\n\r\none\ntwo\n');
      expect((await failure(lines({ url }))).kind).toBe('malformed');
      // JSON shows its own end, so there it may pass.
      expect((await client.text(call({ url }))).body).toBe('one\ntwo\n');
    });

    it('throw on HTML and on bytes that are no UTF-8', async () => {
      handler = answer('<html>', { 'content-type': 'text/html' });
      expect((await failure(lines())).kind).toBe('malformed');
      handler = answer(Buffer.from([0x61, 0xff, 0x0a]));
      expect((await failure(lines())).kind).toBe('malformed');
    });

    it('close the connection when the caller leaves early', async () => {
      const closed = new Promise((resolve) => {
        handler = (request, response) => {
          request.socket.once('close', resolve);
          response.write('one\ntwo\n');
        };
      });
      for await (const line of client.lines(call())) if (line === 'one') break;
      await closed;
    });
  });

  describe('a redirect', () => {
    const to =
      (location: string, status = 302): Handler =>
      (request, response) => {
        if (request.url === '/there') response.end('"arrived"');
        else response.writeHead(status, { location }).end();
      };

    it('is not followed by default', async () => {
      handler = to('/there');
      expect(await failure(client.json(call()))).toMatchObject({ kind: 'redirected', status: 302, retryable: false });
      expect(requests).toHaveLength(1);
    });

    it('is followed within the origin when allowed', async () => {
      handler = to('/there', 301);
      expect((await client.json(call({ maxRedirects: 1 }))).body).toBe('arrived');
    });

    it('is followed no more often than allowed', async () => {
      handler = to('/again');
      expect((await failure(client.json(call({ maxRedirects: 2 })))).kind).toBe('redirected');
      expect(requests).toHaveLength(3);
    });

    it.each(['http://169.254.169.254/latest', 'file:///etc/passwd', '//elsewhere.test/', 'http://'])(
      'to %s is not followed',
      async (location) => {
        handler = to(location);
        expect((await failure(client.json(call({ maxRedirects: 5 })))).kind).toBe('redirected');
      },
    );

    it('of a POST is not followed', async () => {
      handler = to('/there', 307);
      expect((await failure(client.json(call({ method: 'POST', body: { json: 1 }, maxRedirects: 1 })))).kind).toBe(
        'redirected',
      );
    });
  });

  describe('no answer', () => {
    it('from a closed port is unreachable, with the system code and no request in its cause', async () => {
      const probe = createTcpServer();
      probe.listen(0, '127.0.0.1');
      await once(probe, 'listening');
      const { port } = probe.address() as AddressInfo;
      await new Promise((resolve) => probe.close(resolve));
      const error = await client.json(call({ url: `http://127.0.0.1:${port}/` })).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ kind: 'unreachable', message: 'rates: unreachable, ECONNREFUSED' });
      expect(Object.keys((error as UpstreamError).cause as object)).toEqual(['code']);
    });

    it('from a connection that is cut before headers is unreachable', async () => {
      handler = (request) => request.socket.resetAndDestroy();
      expect((await failure(client.json(call()))).kind).toBe('unreachable');
    });

    it.each(['file:///etc/passwd', 'ftp://host/x', 'data:text/plain,x', '/path', ''])(
      'is sought at %s',
      async (url) => {
        expect((await failure(client.json(call({ url })))).kind).toBe('unreachable');
      },
    );
  });
});
