import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { Controller, Get, Module, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ReaderPatience, TextSource, TextStream } from './text-stream.js';

/** More than the buffers of a connection take. */
const CHUNKS = 4_000;
const CHUNK = `${'x'.repeat(8_191)}\n`;
const patience = new ReaderPatience();
let made = 0;
let ended = 0;

@UseInterceptors(TextStream)
@Controller()
class TextController {
  @Get('long')
  long(): TextSource {
    return new TextSource('text/plain', function* () {
      try {
        for (let index = 0; index < CHUNKS; index += 1) {
          made += 1;
          yield CHUNK;
        }
      } finally {
        ended += 1;
      }
    });
  }

  @Get('short')
  short(): TextSource {
    return new TextSource('text/plain', () => ['one ', 'two'], 'words.txt');
  }
}

@Module({ controllers: [TextController], providers: [{ provide: ReaderPatience, useValue: patience }] })
class TextModule {}

let app: NestExpressApplication;
let url: string;
const errors: unknown[] = [];
const logger = {
  log: () => undefined,
  warn: (line: unknown) => errors.push(line),
  error: (line: unknown) => errors.push(line),
};

beforeAll(async () => {
  app = await NestFactory.create<NestExpressApplication>(TextModule, { logger });
  await app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${portOf(app.getHttpServer())}`;
});
afterAll(async () => {
  await app.close();
  expect(errors).toEqual([]);
});
beforeEach(() => {
  [made, ended] = [0, 0];
  patience.milliseconds = 30_000;
});

it('says its length and its ETag, which is that of the text', async () => {
  const answer = await fetch(`${url}/short`);
  expect(await answer.text()).toBe('one two');
  expect(answer.headers.get('content-length')).toBe('7');
  expect(answer.headers.get('content-type')).toBe('text/plain');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="words.txt"');
  const digest = createHash('sha256').update('one two').digest('base64url');
  expect(answer.headers.get('etag')).toBe(`"${digest}"`);
});

it('is a 304 to whoever has it', async () => {
  const etag = (await fetch(`${url}/short`)).headers.get('etag') ?? '';
  const again = await fetch(`${url}/short`, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect(again.headers.get('etag')).toBe(etag);
});

it('answers HEAD with the headers alone', async () => {
  const answer = await fetch(`${url}/long`, { method: 'HEAD' });
  expect(answer.headers.get('content-length')).toBe(String(CHUNKS * CHUNK.length));
  expect(await answer.text()).toBe('');
  // Once to measure it; of the text itself, no more than the first pieces.
  expect(made).toBeLessThan(CHUNKS + 20);
});

it('makes no more than is read, and goes on when it is', async () => {
  const { socket, firstData } = await ask('/long');
  await firstData;
  socket.pause();
  await stands(() => made);
  expect(made - CHUNKS).toBeGreaterThan(0);
  expect(made - CHUNKS).toBeLessThan(CHUNKS * 0.9);
  let received = 0;
  socket.on('data', (data: Buffer) => (received += data.length));
  socket.resume();
  await once(socket, 'close');
  expect(made).toBe(2 * CHUNKS);
  expect(ended).toBe(2);
  expect(received).toBeGreaterThan(CHUNKS * CHUNK.length * 0.9);
});

it('stops where the reader goes away', async () => {
  const accepted = once(app.getHttpServer(), 'connection') as Promise<[Socket]>;
  const { socket, firstData } = await ask('/long');
  await firstData;
  socket.destroy();
  const [connection] = await accepted;
  await becomes(() => ended, 2);
  await becomes(() => connection.destroyed, true);
  expect(made).toBeLessThan(2 * CHUNKS);
});

it('cuts off a reader who takes nothing', async () => {
  patience.milliseconds = 100;
  const { socket, firstData } = await ask('/long');
  await firstData;
  socket.pause();
  await becomes(() => ended, 2);
  expect(made).toBeLessThan(2 * CHUNKS);
  socket.destroy();
});

async function ask(path: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await once(socket, 'connect');
  return { socket, firstData: once(socket, 'data') };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Resolves once the figure is that one. */
async function becomes<T>(figure: () => T, expected: T): Promise<void> {
  const deadline = Date.now() + 8_000;
  while (figure() !== expected) {
    if (Date.now() > deadline) throw new Error(`still ${String(figure())}`);
    await turn();
  }
}

/** Resolves once the figure has not moved for a thousand turns of the event loop. */
async function stands(figure: () => number): Promise<void> {
  for (let [before, calm] = [figure(), 0]; calm < 1_000; calm += 1) {
    await turn();
    if (figure() !== before) [before, calm] = [figure(), 0];
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
