import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parse } from 'dotenv';
import { Config, type GoogleSettings, LOG_LEVELS, ROLES } from './config.js';
import { EnvironmentReader, InvalidEnvironment, isLoopback } from './environment-reader.js';
import { signingKeys } from './secrets.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process environment, completed outside production by the variables of `.env` that it does not set. */
export function loadEnvironment(processEnv: Environment = process.env, folder = process.cwd()): Environment {
  const set = Object.fromEntries(Object.entries(processEnv).filter(([, value]) => value?.trim()));
  const file = resolve(folder, '.env');
  if (set.NODE_ENV?.trim() === 'production' || !existsSync(file)) return set;
  const kept = parse(readEnvFile(file));
  if (set.NODE_ENV === undefined && kept.NODE_ENV?.trim() === 'production') {
    throw new InvalidEnvironment('NODE_ENV', 'cannot be set to production by .env, which production does not read');
  }
  return { ...kept, ...set };
}

function readEnvFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidEnvironment(file, `cannot be read (${String((error as NodeJS.ErrnoException).code)})`);
  }
}

/**
 * Reads and checks every variable. Throws {@link InvalidEnvironment}, whose message names the variable and says what it
 * should hold, and never repeats its value: it may be a secret.
 */
export function readConfig(environment: Environment, known: { rateProviders: readonly string[] }): Config {
  const env = new EnvironmentReader(environment);
  const production = env.oneOf('NODE_ENV', ['development', 'production', 'test'], 'development') === 'production';
  const role = env.oneOf('ROLE', ROLES, 'all');
  const host = (env.text('HOST') ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
  const port = env.integer('PORT', 3000, { min: 1, max: 65_535 });
  const publicUrl = env.baseUrl('PUBLIC_URL', `http://localhost:${port}`, { httpsUnlessLoopback: production });
  const databaseUrl = env.postgresUrl('DATABASE_URL');
  if (production && databaseUrl === undefined) {
    throw new InvalidEnvironment(
      'DATABASE_URL',
      'is required in production: a PostgreSQL URL, postgres://user@host/name',
    );
  }
  const databaseDirectUrl = env.postgresUrl('DATABASE_DIRECT_URL');
  if (databaseDirectUrl !== undefined && databaseUrl === undefined) {
    throw new InvalidEnvironment('DATABASE_DIRECT_URL', 'goes with DATABASE_URL, which is not set');
  }
  const serves = role === 'all' || role === 'api';
  // Migrations keep no secrets; everything else shares them.
  const secretsRequired = production && role !== 'migrate';
  const sessionSecret = env.text('SESSION_SECRET');
  checkSessionSecret(sessionSecret, secretsRequired, production);
  const jwtPrivateKey = env.text('JWT_PRIVATE_KEY');
  checkSigningKeys(jwtPrivateKey, secretsRequired);

  return new Config({
    production,
    host,
    port,
    publicUrl,
    databaseUrl,
    databaseDirectUrl: databaseDirectUrl ?? databaseUrl,
    dataDir: resolve(env.text('DATA_DIR') ?? '.data'),
    dataDirExplicit: env.text('DATA_DIR') !== undefined,
    google: googleSettings(env, { production, serves, loopback: isLoopback(host) && isLoopback(publicUrl) }),
    frankfurterUrl: env.baseUrl('FRANKFURTER_URL', 'https://api.frankfurter.dev'),
    ecbHistoryUrl: env.urlOrPath('ECB_HISTORY_URL', 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip'),
    rateProviders: env.listOf('RATE_PROVIDERS', known.rateProviders, ['frankfurter', 'ecb']),
    jwtPrivateKey,
    sessionSecret,
    role,
    webConcurrency: env.integer('WEB_CONCURRENCY', Math.min(availableParallelism(), 4), { min: 1, max: 64 }),
    metricsPort: metricsPort(env, port),
    gatewayConfig: gatewayConfig(env),
    corsOrigins: env.origins('CORS_ORIGINS'),
    trustProxy: env.integer('TRUST_PROXY', 0, { min: 0, max: 32 }),
    adminEmails: env.addresses('ADMIN_EMAILS'),
    rateLimitScale: rateLimitScale(env, production),
    redisUrl: env.url('REDIS_URL', ['redis:', 'rediss:']),
    logLevel: env.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  });
}

function googleSettings(
  env: EnvironmentReader,
  at: { production: boolean; serves: boolean; loopback: boolean },
): GoogleSettings {
  const clientId = env.text('GOOGLE_CLIENT_ID');
  const clientSecret = env.text('GOOGLE_CLIENT_SECRET');
  const issuer =
    env.text('GOOGLE_ISSUER') === 'accounts.google.com'
      ? GOOGLE
      : env.baseUrl('GOOGLE_ISSUER', GOOGLE, { httpsUnlessLoopback: at.production });
  if (clientId !== undefined && clientSecret !== undefined) return { kind: 'google', clientId, clientSecret, issuer };
  const missing = clientId === undefined ? 'GOOGLE_CLIENT_ID' : 'GOOGLE_CLIENT_SECRET';
  if (clientId !== undefined || clientSecret !== undefined) {
    throw new InvalidEnvironment(missing, 'is missing: GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET go together');
  }
  if (at.serves && (at.production || !at.loopback)) {
    throw new InvalidEnvironment(
      missing,
      'is required, with GOOGLE_CLIENT_SECRET: the built-in development sign-in is for HOST and PUBLIC_URL on loopback, outside production',
    );
  }
  return { kind: 'development' };
}

const GOOGLE = 'https://accounts.google.com';

/** Words of samples, rows of a keyboard, and one piece over and over. */
const SAMPLE_SECRET =
  /change.?me|example|sample|secret|password|insecure|default|abcdefgh|01234567|12345678|^(.{1,16}?)\1+.{0,15}$/i;

function checkSessionSecret(secret: string | undefined, required: boolean, production: boolean): void {
  const advice = 'e.g. the output of: openssl rand -base64 48';
  if (secret === undefined) {
    if (required)
      throw new InvalidEnvironment('SESSION_SECRET', `is required in production: at least 32 bytes, ${advice}`);
    return;
  }
  if (Buffer.byteLength(secret) < 32)
    throw new InvalidEnvironment('SESSION_SECRET', `must be at least 32 bytes, ${advice}`);
  if (production && (new Set(secret).size < 8 || SAMPLE_SECRET.test(secret))) {
    throw new InvalidEnvironment('SESSION_SECRET', `looks like a sample value: choose a random one, ${advice}`);
  }
}

function checkSigningKeys(pem: string | undefined, required: boolean): void {
  const advice = 'e.g. the output of: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256';
  if (pem === undefined) {
    if (required)
      throw new InvalidEnvironment(
        'JWT_PRIVATE_KEY',
        `is required in production: a PKCS#8 P-256 private key in PEM, ${advice}`,
      );
    return;
  }
  try {
    signingKeys(pem);
  } catch {
    throw new InvalidEnvironment('JWT_PRIVATE_KEY', `must hold PKCS#8 P-256 private keys in PEM, ${advice}`);
  }
}

function rateLimitScale(env: EnvironmentReader, production: boolean): number {
  const scale = env.number('RATE_LIMIT_SCALE', 1, { min: 0, max: 1_000_000 });
  if (scale === 0 && production)
    throw new InvalidEnvironment('RATE_LIMIT_SCALE', 'must be above 0 in production: 0 turns every limit off');
  return scale;
}

function metricsPort(env: EnvironmentReader, port: number): number {
  const metrics = env.integer('METRICS_PORT', 9464, { min: 0, max: 65_535 });
  if (metrics === port) throw new InvalidEnvironment('METRICS_PORT', 'must differ from PORT; 0 turns it off');
  return metrics;
}

/** A file that was named must be there; the usual one may be. */
function gatewayConfig(env: EnvironmentReader): string | undefined {
  const named = env.text('GATEWAY_CONFIG');
  const path = resolve(named ?? 'gateway.yaml');
  if (existsSync(path)) return path;
  if (named !== undefined) throw new InvalidEnvironment('GATEWAY_CONFIG', 'names a file that does not exist');
  return undefined;
}
