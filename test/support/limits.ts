import { generateKeyPairSync } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { RATE_PROVIDER_NAMES } from '../../src/exchange-rate/providers/providers.js';
import { type Environment, readConfig } from '../../src/platform/config/environment.js';
import { Secrets, signingKeys } from '../../src/platform/config/secrets.js';
import { LimitExceeded } from '../../src/platform/limits/limit-exceeded.js';
import { limitPseudonym } from '../../src/platform/limits/limit-pseudonym.js';
import { type LimitedBy, RateLimits } from '../../src/platform/limits/rate-limits.js';
import type { LimitName } from '../../src/platform/limits/limit-policies.js';

const SECRETS = new Secrets(
  signingKeys(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ),
  Buffer.from('one session secret for all processes'),
);

/** The key in the store that counts `name` for this address or identity. */
export function storedKey(name: string, key: string): string {
  return `${name}:${limitPseudonym(SECRETS.derive('limits'), key)}`;
}

/** The limits as one process has them. Nothing of another one is known to it but through the store. */
export async function limitsOfAProcess(database: DataSource, env: Environment = {}): Promise<RateLimits> {
  const limits = new RateLimits(readConfig(env, { rateProviders: RATE_PROVIDER_NAMES }), database, SECRETS);
  await limits.onModuleInit();
  return limits;
}

/** How many of so many requests, all at once and in turns by these processes, were let through. */
export async function letThrough(
  processes: readonly RateLimits[],
  { name, by, requests }: { name: LimitName; by: LimitedBy; requests: number },
): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: requests }, (_, index) =>
      refusedBy(() => processes[index % processes.length]?.take(name, by)),
    ),
  );
  return answers.filter((refusal) => refusal === undefined).length;
}

/** The limit that refuses; undefined where none does. Other errors are thrown on. */
export async function refusedBy(take: () => unknown): Promise<LimitExceeded | undefined> {
  try {
    await take();
    return undefined;
  } catch (error) {
    if (error instanceof LimitExceeded) return error;
    throw error;
  }
}
