import { describe, expect, it } from '@jest/globals';
import type { UpstreamCall } from '../../../libs/upstream/upstream-call.js';
import type { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { readConfig } from '../../platform/config/environment.js';
import { Clock } from '../../platform/time/clock.js';
import type { DevelopmentSignIn } from '../development-sign-in/development-sign-in.js';
import { OpenIdIssuer } from './open-id-issuer.js';

const ISSUER = 'https://id.example.com';
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/keys`,
};

class TestClock extends Clock {
  ms = 0;
  now(): Date {
    return new Date(this.ms);
  }
}

function setUp(metadata: object, issuer = ISSUER) {
  const calls: string[] = [];
  const upstream = {
    json: (call: UpstreamCall) => {
      calls.push(call.url);
      return Promise.resolve({ status: 200, headers: {}, body: metadata });
    },
  };
  const env = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret', GOOGLE_ISSUER: issuer };
  const config = readConfig(env, { rateProviders: ['frankfurter', 'ecb'] });
  const clock = new TestClock();
  const asClient = upstream as unknown as UpstreamClient;
  return { calls, clock, issuer: new OpenIdIssuer(config, asClient, {} as DevelopmentSignIn, clock) };
}

describe('the issuer', () => {
  it('is Google without any call, with or without the scheme', async () => {
    for (const name of ['https://accounts.google.com', 'accounts.google.com']) {
      const { issuer, calls } = setUp({}, name);
      expect(await issuer.client()).toMatchObject({
        issuer: 'https://accounts.google.com',
        tokenEndpoint: 'https://oauth2.googleapis.com/token',
      });
      expect(calls).toEqual([]);
    }
  });

  it('is asked once an hour for its metadata, however many sign in', async () => {
    const { issuer, calls, clock } = setUp(METADATA);
    await Promise.all([issuer.client(), issuer.client()]);
    clock.ms = 3_600_000;
    expect(await issuer.client()).toMatchObject({ tokenEndpoint: `${ISSUER}/token` });
    expect(calls).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
    clock.ms += 1;
    await issuer.client();
    expect(calls).toHaveLength(2);
  });

  it.each([
    ['the client secret in the clear', { token_endpoint: 'http://id.example.com/token' }],
    ['keys in the clear', { jwks_uri: 'http://id.example.com/keys' }],
    ['a script', { authorization_endpoint: 'javascript:alert(1)' }],
    ['a file', { jwks_uri: 'file:///etc/passwd' }],
    ['no URL', { token_endpoint: '/token' }],
    ['a number', { token_endpoint: 1 }],
    ['another issuer', { issuer: 'https://evil.example.com' }],
    ['its name with a slash', { issuer: `${ISSUER}/` }],
  ])('is refused where its metadata would mean %s', async (_what, change) => {
    const { issuer } = setUp({ ...METADATA, ...change });
    await expect(issuer.client()).rejects.toThrow(/^issuer_/);
  });
});
