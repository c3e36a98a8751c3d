import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { pageFiles } from './page-files.js';

const SCRIPT = 'const page = "the page";\n'.repeat(100);
const SCRIPT_PATH = '/assets/index-1a2b3c.js';

describe('the files of the page', () => {
  let folder: string;
  let server: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hackonomics-page-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html>first');
    writeFileSync(join(folder, SCRIPT_PATH), SCRIPT);
    writeFileSync(join(folder, `${SCRIPT_PATH}.br`), brotliCompressSync(SCRIPT));
    writeFileSync(join(folder, `${SCRIPT_PATH}.gz`), gzipSync(SCRIPT));
    const app = express().use(pageFiles(folder, { watch: true }));
    app.use((_request, response) => void response.status(404).send('not ours'));
    server = await new Promise((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  // Not fetch: it unpacks the body.
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers, method, agent: false }, resolve).once('error', reject).end();
    });
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
  };

  it.each([
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['br;q=0, gzip', 'gzip', gunzipSync],
  ])('come compressed for Accept-Encoding: %s', async (accepted, coding, unpack) => {
    const { headers, body } = await get(SCRIPT_PATH, { 'accept-encoding': accepted });
    expect(headers).toMatchObject({
      'content-encoding': coding,
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'content-length': String(body.length),
    });
    expect(unpack(body).toString()).toBe(SCRIPT);
  });

  it.each(['', 'identity', 'br;q=0, gzip;q=0', 'zstd'])(
    'come as they are for Accept-Encoding: %s',
    async (accepted) => {
      const { headers, body } = await get(SCRIPT_PATH, accepted === '' ? {} : { 'accept-encoding': accepted });
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers.vary).toBe('Accept-Encoding');
      expect(body.toString()).toBe(SCRIPT);
    },
  );

  it('have a strong ETag for each coding, and are answered 304 by it', async () => {
    const answers = await Promise.all(
      ['br', 'gzip', 'identity'].map((coding) => get(SCRIPT_PATH, { 'accept-encoding': coding })),
    );
    const etags = answers.map(({ headers }) => String(headers.etag));
    expect(new Set(etags).size).toBe(3);
    for (const etag of etags) expect(etag).toMatch(/^"[\w-]{22}"$/);
    const again = await get(SCRIPT_PATH, { 'accept-encoding': 'br', 'if-none-match': etags[0]! });
    expect(again).toMatchObject({ status: 304, headers: { etag: etags[0], vary: 'Accept-Encoding' } });
    expect(again.body).toHaveLength(0);
    expect((await get(SCRIPT_PATH, { 'accept-encoding': 'gzip', 'if-none-match': etags[0]! })).status).toBe(200);
  });

  it('answer HEAD without a body, and nothing else', async () => {
    const head = await get(SCRIPT_PATH, { 'accept-encoding': 'br' }, 'HEAD');
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(String(brotliCompressSync(SCRIPT).length));
    expect(head.body).toHaveLength(0);
    for (const path of [
      `${SCRIPT_PATH}.br`,
      '/assets/',
      '/assets',
      '/../package.json',
      '/%2e%2e/package.json',
      '/none.js',
    ]) {
      expect((await get(path)).status).toBe(404);
    }
    expect((await get(SCRIPT_PATH, {}, 'POST')).status).toBe(404);
  });

  it('are asked for again at each visit where their name does not change, and show a new build', async () => {
    const first = await get('/');
    expect(first.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' });
    expect(first.body.toString()).toBe('<!doctype html>first');
    writeFileSync(join(folder, 'index.html'), '<!doctype html>second');
    utimesSync(join(folder, 'index.html'), 2, 2);
    expect((await get('/')).body.toString()).toBe('<!doctype html>second');
  });
});
