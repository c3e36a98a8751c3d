import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('health and the frame of every answer', () => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startTestApp({ env: { ROLE: 'api' } });
  });
  afterAll(() => server.stop());

  it('is alive and ready without rates', async () => {
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/health/ready`)).json()).toEqual({ status: 'ok' });
  });

  it('keeps a well-formed request id and replaces any other', async () => {
    const id = async (given: string) =>
      (await fetch(`${server.url}/health/live`, { headers: { 'X-Request-Id': given } })).headers.get('x-request-id');
    expect(await id('abc-12345')).toBe('abc-12345');
    expect(await id('a b<script>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers an unknown address as a problem', async () => {
    const response = await fetch(`${server.url}/api/nothing`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 404, code: 'not_found', title: 'Not found' });
  });

  it('is closed by default', async () => {
    const response = await fetch(`${server.url}/api/users/me`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'not_signed_in' });
  });
});
