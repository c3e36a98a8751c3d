import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartFailed } from '../start-failed.js';
import { readConfig } from './environment.js';
import { loadSecrets, Secrets, signingKeys } from './secrets.js';

const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const config = readConfig({}, { rateProviders: ['ecb'] });
const identity = (secrets: Secrets) => [secrets.signingKeys[0].kid, secrets.derive('spec').toString('hex')];

describe('generated secrets', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'hackonomics-secrets-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('are the same for all that start at once, and afterwards', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(config, dataDir)));
    all.push(await loadSecrets(config, dataDir));
    expect(new Set(all.map((secrets) => identity(secrets).join(' '))).size).toBe(1);
    expect(readdirSync(join(dataDir, 'secrets')).sort()).toEqual(['jwt-private-key.pem', 'session-secret']);
  });

  it('are for their owner alone', async () => {
    await loadSecrets(config, dataDir);
    expect(statSync(join(dataDir, 'secrets')).mode & 0o077).toBe(0);
    for (const name of readdirSync(join(dataDir, 'secrets')))
      expect(statSync(join(dataDir, 'secrets', name)).mode & 0o077).toBe(0);
  });

  it('are not weakened by a file that was cut off', async () => {
    await loadSecrets(config, dataDir);
    for (const name of ['session-secret', 'jwt-private-key.pem']) {
      writeFileSync(join(dataDir, 'secrets', name), 'half');
      const refusal = await loadSecrets(config, dataDir).catch((error: unknown) => error as Error);
      expect(refusal).toBeInstanceOf(StartFailed);
      expect((refusal as Error).message).toMatch(new RegExp(`${name} holds no usable secret`));
      rmSync(join(dataDir, 'secrets', name));
    }
  });

  it('are refused in one line where they cannot be kept', async () => {
    const file = join(dataDir, 'a-file');
    writeFileSync(file, '');
    const refusal = await loadSecrets(config, file).catch((error: unknown) => error as Error);
    expect(refusal).toBeInstanceOf(StartFailed);
    expect((refusal as Error).message).toContain('(ENOTDIR)');
  });

  it('give way to configured ones', async () => {
    const given = await loadSecrets(config, dataDir);
    const pem = given.signingKeys[0].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const elsewhere = join(dataDir, 'never-made');
    const configured = readConfig({ JWT_PRIVATE_KEY: pem, SESSION_SECRET: 'x'.repeat(32) }, { rateProviders: ['ecb'] });
    expect((await loadSecrets(configured, elsewhere)).signingKeys[0].kid).toBe(given.signingKeys[0].kid);
    expect(readdirSync(dataDir)).toEqual(['secrets']);
  });
});

describe('derived keys', () => {
  it('differ by purpose, and are 32 bytes', () => {
    const secrets = new Secrets(signingKeys(PEM), Buffer.from('one session secret'));
    expect(secrets.derive('a')).toHaveLength(32);
    expect(secrets.derive('a')).toEqual(secrets.derive('a'));
    expect(secrets.derive('a')).not.toEqual(secrets.derive('b'));
  });
});

describe('signing keys', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const kids = (pem: string) => signingKeys(pem).map(({ kid }) => kid);

  it('are taken in their order, each once, with real or escaped line ends', () => {
    const [active, next] = [kids(PEM)[0], kids(other)[0]];
    expect(kids(`${PEM}${other}`)).toEqual([active, next]);
    expect(kids(`${other}\n${PEM}${other}${PEM}`)).toEqual([next, active]);
    expect(kids(`${PEM}${other}`.replaceAll('\n', '\\n'))).toEqual([active, next]);
  });
});
