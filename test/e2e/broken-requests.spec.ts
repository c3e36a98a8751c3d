import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ env: { ROLE: 'api' } });
});
afterAll(() => app.stop());

/** What the application answers to these bytes before it closes the connection. */
async function answerTo(text: string): Promise<{ head: string; problem: Record<string, unknown> }> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.write(text);
  await once(socket, 'close');
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { head, problem: JSON.parse(body) as Record<string, unknown> };
}

describe('a request that never becomes one', () => {
  it.each<[string, string, number, string]>([
    [
      'headers of a megabyte',
      `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(1_000_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['a malformed first line', 'GET\r\n\r\n', 400, 'invalid_request'],
    ['no Host', 'GET /health/live HTTP/1.1\r\n\r\n', 400, 'invalid_request'],
    [
      'a body that breaks off into nonsense',
      'POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      'invalid_request',
    ],
  ])('for %s is answered as a problem', async (_what, text, status, code) => {
    const { head, problem } = await answerTo(text);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json; charset=utf-8$/im);
    expect(head).toMatch(/^connection: close$/im);
    expect(problem).toEqual({
      type: `urn:hackonomics:problem:${code}`,
      title: expect.any(String),
      status,
      code,
      detail: expect.any(String),
      requestId: /^x-request-id: (\S+)$/im.exec(head)?.[1],
    });
    expect(JSON.stringify(problem)).not.toMatch(/xxx|zz|HPE_|Parse Error/);
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
  });
});
