import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { answerBrokenRequests } from '../../src/platform/http/broken-requests.js';

/** What the parser refuses, on a server that watches over slow callers more often than Node's own. */
let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function serve(listener: RequestListener): Promise<void> {
  server = createServer({ connectionsCheckingInterval: 20 }, listener);
  answerBrokenRequests(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function open(): Socket {
  // As a client that sends on and on: it closes only when it wants to.
  return connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
}

/** Everything that the server says until it ends, as text. */
async function conversation(...sent: string[]): Promise<string> {
  const socket = open();
  for (const text of sent) socket.write(text);
  return restOf(socket);
}

async function restOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (text += chunk.toString()));
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.destroy();
  return text;
}

function problemIn(answer: string): { status: number; code: string; requestId: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(/^content-type: application\/problem\+json; charset=utf-8$/im);
  expect(head).toMatch(/^connection: close$/im);
  expect(head).toMatch(/^cache-control: no-store$/im);
  expect(Number(/^content-length: (\d+)$/im.exec(head)?.[1])).toBe(Buffer.byteLength(body));
  const problem = JSON.parse(body) as { status: number; code: string; requestId: string; detail: string };
  expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'code', 'detail', 'requestId']);
  expect(/^x-request-id: (\S+)$/im.exec(head)?.[1]).toBe(problem.requestId);
  expect(Number(/^HTTP\/1\.1 (\d+) \S/.exec(head)?.[1])).toBe(problem.status);
  return problem;
}

const hello: RequestListener = (_request, response) => void response.end('hello');

describe('what is no request is answered as a problem', () => {
  const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  it.each<[string, string, number, string]>([
    [
      'a header of a megabyte',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['a path of a megabyte', `GET /${'x'.repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'headers_too_large'],
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'invalid_request'],
    ['a method that is none', 'STEAL / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid_request'],
    ['a version that is none', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', 400, 'invalid_request'],
    ['TLS on the plain port', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', 400, 'invalid_request'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid_request'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n', 400, 'invalid_request'],
    ['a header with a zero byte', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\u0000b\r\n\r\n', 400, 'invalid_request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na',
      400,
      'invalid_request',
    ],
    ['a length and chunks', `${chunked.slice(0, -2)}Content-Length: 3\r\n\r\n0\r\n\r\n`, 400, 'invalid_request'],
    ['a chunk that is none', `${chunked}zz\r\n`, 400, 'invalid_request'],
    ['endless extensions of chunks', `${chunked}1;${'x'.repeat(100_000)}\r\na\r\n0\r\n\r\n`, 413, 'body_too_large'],
  ])('%s', async (_what, text, status, code) => {
    // Answers when the body is there, as a route of ours does.
    await serve((request, response) => request.resume().on('end', () => response.end('hello')));
    const problem = problemIn(await conversation(text));
    expect(problem).toMatchObject({ status, code });
  });

  it('a request whose headers or body do not arrive in time', async () => {
    await serve((request, response) => request.resume().on('end', () => response.end('hello')));
    server.headersTimeout = 50;
    server.requestTimeout = 100;
    expect(problemIn(await conversation('GET / HTTP/1.1\r\nHost:'))).toMatchObject({
      status: 408,
      code: 'request_timeout',
    });
    const body = await conversation('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    expect(problemIn(body)).toMatchObject({ status: 408, code: 'request_timeout' });
  });

  it('under the id that the request has already, where it has got so far', async () => {
    await serve((_request, response) => void response.setHeader('X-Request-Id', 'known-already'));
    expect(problemIn(await conversation(`${chunked}zz\r\n`)).requestId).toBe('known-already');
  });
});

describe('an answer that has begun', () => {
  it('is not written into: the connection is cut', async () => {
    await serve((request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('the first half');
      request.resume();
    });
    const socket = open();
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    await once(socket, 'readable');
    socket.write('zz\r\n');
    const answer = await restOf(socket);
    expect(answer).toMatch(/\r\n\r\nthe first half$/);
    expect(answer).not.toContain('problem');
  });

  it('is finished, and then the broken request after it is refused', async () => {
    let answer: (() => void) | undefined;
    await serve((_request, response) => {
      answer = () => response.end('hello');
    });
    const refused = once(server, 'clientError');
    const answers = conversation('GET / HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n');
    await refused;
    answer?.();
    const [first, head, body] = (await answers).split(/\r\n\r\n/);
    expect(first).toMatch(/^HTTP\/1\.1 200/);
    expect(head).toMatch(/^hello.*HTTP\/1\.1 400/s);
    expect(problemIn(`${head?.replace(/^.*?HTTP/s, 'HTTP')}\r\n\r\n${body}`).code).toBe('invalid_request');
  });

  it('that was whole does not stand in the way of a refusal on the same connection', async () => {
    await serve(hello);
    const socket = open();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.write('GARBAGE\r\n\r\n');
    expect(problemIn(await restOf(socket)).code).toBe('invalid_request');
  });
});

describe('a caller that goes on or goes away', () => {
  it('is answered once, is cut off after a while, and ends nothing but its own connection', async () => {
    await serve(hello);
    let told = 0;
    server.on('clientError', () => told++);
    const stubborn = open();
    let text = '';
    stubborn.on('data', (chunk) => (text += chunk.toString())).on('error', () => undefined);
    stubborn.write('GARBAGE\r\n\r\n');
    await once(stubborn, 'data');
    const sending = setInterval(() => stubborn.write('MORE GARBAGE\r\n\r\n'), 10);
    await new Promise((resolve) => stubborn.once('close', resolve));
    clearInterval(sending);
    expect(told).toBeGreaterThan(1);
    expect(text.match(/HTTP\/1\.1 400/g)).toHaveLength(1);
    expect(await conversation('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/hello$/);
  });

  it('by a reset ends nothing', async () => {
    await serve(hello);
    for (const text of [
      '',
      'GET / HTTP/1.1\r\nHo',
      'GARBAGE\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n',
    ]) {
      const socket = open();
      await once(socket, 'connect');
      if (text !== '') await new Promise((resolve) => socket.write(text, resolve));
      socket.resetAndDestroy();
    }
    expect(await conversation('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/hello$/);
  });
});

describe('what Node would refuse by itself, without a word', () => {
  it('an expectation that nobody knows is ignored', async () => {
    await serve(hello);
    const sent = 'GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n';
    expect(await conversation(sent)).toMatch(/^HTTP\/1\.1 200.*hello$/s);
  });

  it('a header after thousands of others still arrives', async () => {
    await serve((request, response) => void response.end(`the last one: ${String(request.headers['x-last'])}`));
    const many = Array.from({ length: 3_000 }, () => 'a:\r\n').join('');
    const sent = `GET / HTTP/1.1\r\nHost: x\r\n${many}X-Last: here\r\nConnection: close\r\n\r\n`;
    expect(await conversation(sent)).toMatch(/the last one: here$/);
  });
});
