import { createHash } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express, { type NextFunction, type Request, type Response } from 'express';
import { bodyDigest, jsonBody } from './json-body.js';

const LIMIT = 1_000;
let server: Server;
beforeAll(async () => {
  const app = express();
  app.use(jsonBody(LIMIT));
  const tell = (request: Request, response: Response, status = 200) =>
    void response.status(status).json({ digest: bodyDigest(request)?.toString('hex'), body: request.body as unknown });
  app.use((request: Request, response: Response) => tell(request, response));
  app.use((error: { status: number }, request: Request, response: Response, _next: NextFunction) =>
    tell(request, response, error.status),
  );
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const DIGEST = { 'content-digest': 'any', 'content-type': 'application/json' };

function post(
  headers: Record<string, string>,
  ...chunks: Buffer[]
): Promise<{ status: number; digest?: string; body?: unknown }> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const sent = request({ method: 'POST', port, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += String(chunk)));
      answer.once('end', () => resolve({ status: answer.statusCode!, ...(JSON.parse(text) as object) }));
    });
    sent.once('error', reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

const sha256 = (...bytes: Buffer[]) => createHash('sha256').update(Buffer.concat(bytes)).digest('hex');
const parts = ['{"a":"', '\u00e9', '"}'].map((text) => Buffer.from(text));

describe('the digest of a body', () => {
  it('is that of its bytes, in however many chunks', async () => {
    expect(await post(DIGEST, ...parts)).toEqual({ status: 200, digest: sha256(...parts), body: { a: '\u00e9' } });
    const length = String(Buffer.concat(parts).length);
    expect(await post({ ...DIGEST, 'content-length': length }, ...parts)).toMatchObject({ digest: sha256(...parts) });
  });

  it('is that of the bytes as they were sent, where they are compressed', async () => {
    const coded = gzipSync(Buffer.concat(parts));
    const answer = await post({ ...DIGEST, 'content-encoding': 'gzip' }, coded.subarray(0, 7), coded.subarray(7));
    expect(answer).toEqual({ status: 200, digest: sha256(coded), body: { a: '\u00e9' } });
  });

  it('is that of nothing where there is none, or an empty one', async () => {
    expect(await post({ 'content-length': '0' })).toEqual({ status: 200, digest: sha256() });
    expect(await post({ ...DIGEST, 'transfer-encoding': 'chunked' })).toMatchObject({ digest: sha256() });
  });

  it.each<[string, Record<string, string>, Buffer[], number]>([
    ['no digest was sent along', { 'content-type': 'application/json' }, parts, 200],
    ['it is no JSON', { ...DIGEST, 'content-type': 'text/csv' }, parts, 200],
    ['it has no type', { 'content-digest': 'any' }, parts, 200],
    ['it is too long', DIGEST, [Buffer.from(`"${' '.repeat(LIMIT)}"`)], 413],
    ['its coding is unknown', { ...DIGEST, 'content-encoding': 'none-such' }, [Buffer.alloc(2_000)], 415],
  ])('is not known where %s', async (_where, headers, chunks, status) => {
    const answer = await post(headers, ...chunks);
    expect(answer.status).toBe(status);
    expect(answer.digest).toBeUndefined();
  });
});
