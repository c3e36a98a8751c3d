import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readConfig } from '../config/environment.js';
import { AllowedOrigins } from './allowed-origins.js';

const OWN = 'https://hackonomics.example.com';
const FRONT = 'https://front.example.com:8443';
const origins = new AllowedOrigins(
  readConfig(
    { PUBLIC_URL: OWN, CORS_ORIGINS: FRONT, GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' },
    { rateProviders: ['frankfurter', 'ecb'] },
  ),
);

/** Addresses made of the pieces that such tricks are made of. */
const tricky = fc
  .array(
    fc.constantFrom(
      '/',
      '//',
      '\\',
      '.',
      '..',
      '/./',
      '@',
      ':',
      '#',
      '?',
      '%2f',
      '%5c',
      '%0d%0a',
      '\t',
      '\n',
      '\r',
      '\u0000',
      ' ',
      'https:',
      'http:',
      'javascript:',
      'data:',
      'evil.example',
      'hackonomics.example.com',
      'front.example.com:8443',
      '한',
      '\u3002',
      'x',
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

describe('where to return to', () => {
  it('is never another origin, whatever is wanted', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          tricky,
          tricky.map((text) => `/${text}`),
          fc.webUrl(),
          fc.string(),
          fc.string({ unit: 'binary' }),
        ),
        (wanted) => {
          const target = origins.returnTo(wanted);
          expect([OWN, FRONT]).toContain(new URL(target, `${OWN}/auth/google/callback`).origin);
          expect(target).toMatch(/^[\x21-\x7e]{1,1000}$/);
          expect(target).not.toContain('\\');
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('is the same when it is asked for again', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        const target = origins.returnTo(`/${text}`);
        expect(origins.returnTo(target)).toBe(target);
      }),
    );
  });

  it('is a plain path of ours as it stands', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        const wanted = `/p${path}?q=${query}`;
        expect(origins.returnTo(wanted)).toBe(new URL(wanted, OWN).href.slice(OWN.length));
      }),
    );
  });

  it('is home for anything but text', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        if (typeof value !== 'string') expect(origins.returnTo(value)).toBe('/');
      }),
    );
  });
});

describe('origins', () => {
  it('are allowed letter by letter', () => {
    expect([OWN, FRONT].every((origin) => origins.allows(origin))).toBe(true);
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl(), fc.string(), tricky),
        (text) => origins.allows(text) === [OWN, FRONT].includes(text),
      ),
    );
    for (const near of [
      `${OWN}/`,
      OWN.toUpperCase(),
      OWN.replace('https', 'http'),
      'https://front.example.com',
      'null',
      '',
    ]) {
      expect(origins.allows(near)).toBe(false);
    }
  });
});
