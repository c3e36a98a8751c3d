import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';
import type { Config } from './config.js';
import { type Environment, loadEnvironment, readConfig } from './environment.js';
import { InvalidEnvironment } from './environment-reader.js';

const read = (environment: Environment): Config => readConfig(environment, { rateProviders: ['frankfurter', 'ecb'] });

/** The variable that is complained about; fails unless the message names it and keeps the value to itself. */
function refused(environment: Environment): string {
  try {
    read(environment);
  } catch (error) {
    if (!(error instanceof InvalidEnvironment)) throw error;
    expect(error.message).toContain(error.variable);
    expect(error.message).not.toContain('\n');
    const value = environment[error.variable]?.trim() ?? '';
    if (value.length > 2) expect(error.message).not.toContain(value);
    return error.variable;
  }
  throw new Error('was accepted');
}

function privateKey(namedCurve = 'P-256', type: 'pkcs8' | 'sec1' = 'pkcs8'): string {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type, format: 'pem' }).toString();
}

const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  HOST: '0.0.0.0',
  PUBLIC_URL: 'https://hackonomics.example',
  DATABASE_URL: 'postgres://app:pw@db.internal/hackonomics',
  SESSION_SECRET: randomBytes(48).toString('base64'),
  JWT_PRIVATE_KEY: privateKey(),
  GOOGLE_CLIENT_ID: 'client',
  GOOGLE_CLIENT_SECRET: 'word',
};

describe('an empty environment', () => {
  it('is development on loopback, with everything embedded', () => {
    expect(read({})).toEqual({
      production: false,
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      databaseUrl: undefined,
      databaseDirectUrl: undefined,
      dataDir: resolve('.data'),
      dataDirExplicit: false,
      google: { kind: 'development' },
      frankfurterUrl: 'https://api.frankfurter.dev',
      ecbHistoryUrl: 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip',
      rateProviders: ['frankfurter', 'ecb'],
      jwtPrivateKey: undefined,
      sessionSecret: undefined,
      role: 'all',
      webConcurrency: Math.min(availableParallelism(), 4),
      metricsPort: 9464,
      gatewayConfig: existsSync('gateway.yaml') ? resolve('gateway.yaml') : undefined,
      corsOrigins: [],
      trustProxy: 0,
      adminEmails: [],
      rateLimitScale: 1,
      redisUrl: undefined,
      logLevel: 'info',
    });
  });

  it('is what empty and blank variables mean too', () => {
    const names = Object.keys(PRODUCTION).concat(
      'PORT',
      'DATA_DIR',
      'ROLE',
      'GOOGLE_ISSUER',
      'TRUST_PROXY',
      'REDIS_URL',
      'GATEWAY_CONFIG',
    );
    expect(read(Object.fromEntries(names.map((name, i) => [name, i % 2 ? '' : '  '])))).toEqual(read({}));
  });

  it('is what .env.example says as it is shipped, which tells every variable there is', () => {
    const example = readFileSync('.env.example', 'utf8');
    expect(parse(example)).toEqual({});
    const asked = new Set<string>();
    read(new Proxy<Environment>({}, { get: (_, name) => void asked.add(String(name)) }));
    const told = new Set([...example.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name));
    expect(told).toEqual(asked);
  });
});

describe('each variable', () => {
  it.each<[string, string, Partial<Config>]>([
    ['NODE_ENV', 'test', { production: false }],
    ['HOST', '[::1]', { host: '::1' }],
    ['PORT', '65535', { port: 65_535, publicUrl: 'http://localhost:65535' }],
    ['PUBLIC_URL', 'http://127.0.0.1:8080/', { publicUrl: 'http://127.0.0.1:8080' }],
    [
      'DATABASE_URL',
      'postgresql://u:p%40@h/d',
      { databaseUrl: 'postgresql://u:p%40@h/d', databaseDirectUrl: 'postgresql://u:p%40@h/d' },
    ],
    ['DATA_DIR', 'elsewhere', { dataDir: resolve('elsewhere'), dataDirExplicit: true }],
    ['FRANKFURTER_URL', 'http://127.0.0.1:9/v1/', { frankfurterUrl: 'http://127.0.0.1:9/v1' }],
    ['ECB_HISTORY_URL', '/tmp/rates.csv', { ecbHistoryUrl: '/tmp/rates.csv' }],
    ['ECB_HISTORY_URL', 'file:///tmp/rates.zip', { ecbHistoryUrl: 'file:///tmp/rates.zip' }],
    ['RATE_PROVIDERS', ' ecb ', { rateProviders: ['ecb'] }],
    ['RATE_PROVIDERS', 'ECB,frankfurter', { rateProviders: ['ecb', 'frankfurter'] }],
    ['ROLE', 'worker', { role: 'worker' }],
    ['WEB_CONCURRENCY', '2', { webConcurrency: 2 }],
    ['METRICS_PORT', '0', { metricsPort: 0 }],
    ['GATEWAY_CONFIG', 'package.json', { gatewayConfig: resolve('package.json') }],
    [
      'CORS_ORIGINS',
      'https://a.example, http://localhost:5173/',
      { corsOrigins: ['https://a.example', 'http://localhost:5173'] },
    ],
    ['TRUST_PROXY', '2', { trustProxy: 2 }],
    ['ADMIN_EMAILS', 'Ann@Example.com,bob@example.com', { adminEmails: ['ann@example.com', 'bob@example.com'] }],
    ['RATE_LIMIT_SCALE', '0.5', { rateLimitScale: 0.5 }],
    ['RATE_LIMIT_SCALE', '0', { rateLimitScale: 0 }],
    ['REDIS_URL', 'rediss://cache:6380/1', { redisUrl: 'rediss://cache:6380/1' }],
    ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
  ])('%s=%s is understood', (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject(expected);
  });

  it.each([
    ['NODE_ENV', 'staging'],
    ['PORT', '0'],
    ['PORT', '70000'],
    ['PORT', '3000.5'],
    ['PORT', '-80'],
    ['PORT', '0x50'],
    ['PUBLIC_URL', 'localhost:3000'],
    ['PUBLIC_URL', 'ftp://localhost'],
    ['PUBLIC_URL', 'http://user:pw@localhost'],
    ['PUBLIC_URL', 'http://localhost/?a=1'],
    ['PUBLIC_URL', 'http://localhost/#a'],
    ['DATABASE_URL', 'mysql://u:hidden@h/d'],
    ['DATABASE_URL', 'u:hidden@h/d'],
    ['DATABASE_URL', 'postgres://u:hid%den@h/d'],
    ['DATABASE_DIRECT_URL', 'http://h/d'],
    ['DATABASE_DIRECT_URL', 'postgres://h/without-database-url'],
    ['GOOGLE_ISSUER', 'login.example.com'],
    ['FRANKFURTER_URL', 'api.frankfurter.dev'],
    ['ECB_HISTORY_URL', 'ftp://host/file.zip'],
    ['ECB_HISTORY_URL', 'https:///'],
    ['ECB_HISTORY_URL', 'file://host/file.zip'],
    ['RATE_PROVIDERS', 'ecb,bloomberg'],
    ['RATE_PROVIDERS', 'ecb,ecb'],
    ['RATE_PROVIDERS', 'sample'],
    ['JWT_PRIVATE_KEY', 'not a key'],
    ['JWT_PRIVATE_KEY', privateKey('P-384')],
    ['JWT_PRIVATE_KEY', privateKey('P-256', 'sec1')],
    ['SESSION_SECRET', 'thirty-one bytes are not enough'],
    ['ROLE', 'web'],
    ['WEB_CONCURRENCY', '0'],
    ['METRICS_PORT', '65536'],
    ['METRICS_PORT', '3000'],
    ['GATEWAY_CONFIG', '/nowhere/gateway.yaml'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'front.example.org'],
    ['CORS_ORIGINS', 'https://app.example.com/path'],
    ['CORS_ORIGINS', 'https://good.example https://other.example'],
    ['TRUST_PROXY', 'true'],
    ['ADMIN_EMAILS', 'ann@example.com;bob@example.com'],
    ['ADMIN_EMAILS', 'ann'],
    ['RATE_LIMIT_SCALE', '-1'],
    ['RATE_LIMIT_SCALE', 'none'],
    ['REDIS_URL', 'cache:6379'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s is refused, by its name and without its value', (name, value) => {
    expect(refused({ [name]: value })).toBe(name);
  });

  it('takes several keys, with escaped line ends', () => {
    const escaped = `${privateKey()}${privateKey()}`.replaceAll('\n', '\\n');
    expect(read({ JWT_PRIVATE_KEY: escaped }).jwtPrivateKey).toBe(escaped.trim());
  });

  it('reads a DATABASE_DIRECT_URL of its own', () => {
    const environment = { DATABASE_URL: 'postgres://pooler/d', DATABASE_DIRECT_URL: 'postgres://db/d' };
    expect(read(environment)).toMatchObject({
      databaseUrl: 'postgres://pooler/d',
      databaseDirectUrl: 'postgres://db/d',
    });
  });
});

describe('the sign-in', () => {
  const client = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'word' };
  const google = { kind: 'google', clientId: 'id', clientSecret: 'word', issuer: 'https://accounts.google.com' };

  it('is Google where there is a client, whichever way its issuer is written', () => {
    expect(read(client).google).toEqual(google);
    expect(read({ ...client, GOOGLE_ISSUER: 'accounts.google.com' }).google).toEqual(google);
    expect(read({ ...client, GOOGLE_ISSUER: 'http://idp.local' }).google).toMatchObject({ issuer: 'http://idp.local' });
  });

  it('needs both halves of the client', () => {
    expect(refused({ GOOGLE_CLIENT_ID: 'id' })).toBe('GOOGLE_CLIENT_SECRET');
    expect(refused({ GOOGLE_CLIENT_SECRET: 'word' })).toBe('GOOGLE_CLIENT_ID');
  });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('is the built-in one on HOST=%s', (HOST) => {
    expect(read({ HOST }).google).toEqual({ kind: 'development' });
  });

  it.each([
    { HOST: '0.0.0.0' },
    { HOST: '192.168.1.5' },
    { HOST: '127.0.0.1.evil.example' },
    { PUBLIC_URL: 'https://dev.example.com' },
    { PUBLIC_URL: 'http://localhost.evil.example' },
  ])('is never the built-in one with %j', (environment) => {
    expect(refused(environment)).toBe('GOOGLE_CLIENT_ID');
  });

  it('is no concern of a worker', () => {
    expect(read({ HOST: '0.0.0.0', ROLE: 'worker' }).google).toEqual({ kind: 'development' });
  });
});

describe('production', () => {
  it('starts with what it needs', () => {
    expect(read(PRODUCTION)).toMatchObject({
      production: true,
      publicUrl: 'https://hackonomics.example',
      google: { kind: 'google' },
    });
  });

  it('names what is missing, one after the other', () => {
    const given: Record<string, string | undefined> = { NODE_ENV: 'production' };
    const asked = [];
    for (let name; (name = missing(given)) !== undefined; given[name] = PRODUCTION[name]) asked.push(name);
    expect(asked).toEqual([
      'DATABASE_URL',
      'SESSION_SECRET',
      'JWT_PRIVATE_KEY',
      'GOOGLE_CLIENT_ID',
      'GOOGLE_CLIENT_SECRET',
    ]);
  });

  const missing = (environment: Environment) => {
    try {
      read(environment);
      return undefined;
    } catch (error) {
      return (error as InvalidEnvironment).variable;
    }
  };

  it.each([
    ['PUBLIC_URL', 'http://hackonomics.example'],
    ['GOOGLE_ISSUER', 'http://idp.example'],
    ['RATE_LIMIT_SCALE', '0'],
    ['SESSION_SECRET', 'change-me-change-me-change-me-change-me'],
    ['SESSION_SECRET', 'a'.repeat(40)],
    ['SESSION_SECRET', 'Zx9-Zx9-Zx9-Zx9-Zx9-Zx9-Zx9-Zx9-Zx9-'],
    ['SESSION_SECRET', '12345678901234567890123456789012'],
    ['SESSION_SECRET', 'this-is-an-example-of-a-long-value-0192'],
  ])('refuses %s=%s', (name, value) => {
    expect(refused({ ...PRODUCTION, [name]: value })).toBe(name);
  });

  it('accepts random secrets of every usual form', () => {
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      for (let i = 0; i < 200; i++) read({ ...PRODUCTION, SESSION_SECRET: randomBytes(32).toString(form) });
    }
  });

  it('accepts http on loopback, for the page and for the issuer', () => {
    const environment = { ...PRODUCTION, PUBLIC_URL: 'http://localhost:3000', GOOGLE_ISSUER: 'http://127.0.0.1:9000' };
    expect(read(environment).google).toMatchObject({ issuer: 'http://127.0.0.1:9000' });
  });

  it('migrates without secrets, and needs no Google client to work on jobs', () => {
    const { NODE_ENV, DATABASE_URL, SESSION_SECRET, JWT_PRIVATE_KEY } = PRODUCTION;
    expect(read({ NODE_ENV, DATABASE_URL, ROLE: 'migrate' }).role).toBe('migrate');
    expect(read({ NODE_ENV, DATABASE_URL, SESSION_SECRET, JWT_PRIVATE_KEY, ROLE: 'worker' }).role).toBe('worker');
    expect(refused({ NODE_ENV, DATABASE_URL, ROLE: 'worker' })).toBe('SESSION_SECRET');
  });
});

describe('.env', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hackonomics-env-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('completes the process environment, which wins', () => {
    writeFileSync(join(folder, '.env'), 'PORT=4001\nLOG_LEVEL=debug # loud\nHOST="127.0.0.2"\n');
    expect(loadEnvironment({ PORT: '4000', LOG_LEVEL: ' ' }, folder)).toEqual({
      PORT: '4000',
      LOG_LEVEL: 'debug',
      HOST: '127.0.0.2',
    });
  });

  it('is not read in production, and cannot be what makes it production', () => {
    writeFileSync(join(folder, '.env'), 'NODE_ENV=production\nPORT=4001\n');
    expect(loadEnvironment({ NODE_ENV: 'production' }, folder)).toEqual({ NODE_ENV: 'production' });
    expect(loadEnvironment({ NODE_ENV: 'test' }, folder)).toMatchObject({ NODE_ENV: 'test', PORT: '4001' });
    expect(() => loadEnvironment({}, folder)).toThrow('NODE_ENV cannot be set to production by .env');
  });

  it('need not be there, and is complained about where it cannot be read', () => {
    expect(loadEnvironment({ PORT: '1' }, folder)).toEqual({ PORT: '1' });
    mkdirSync(join(folder, '.env'));
    expect(() => loadEnvironment({}, folder)).toThrow(/\.env cannot be read \(EISDIR\)/);
  });
});
