import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile, link, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.js';

/** A P-256 key of the access tokens. `kid` is its RFC 7638 thumbprint: the same key has the same name everywhere. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The secrets in force: configured, or generated once into the data folder and kept there. */
export class Secrets {
  constructor(
    /** The first signs; all are published. */
    readonly signingKeys: readonly [SigningKey, ...SigningKey[]],
    private readonly sessionSecret: Buffer,
  ) {}

  /** A 32-byte key for one purpose: purposes never share key material (HKDF-SHA-256, RFC 5869). */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.sessionSecret, Buffer.alloc(0), `hackonomics/${purpose}`, 32));
  }
}

export async function loadSecrets(config: Config, dataDir: string): Promise<Secrets> {
  const pem =
    config.jwtPrivateKey ??
    (await keptSecret(dataDir, 'jwt-private-key.pem', () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ));
  const session = config.sessionSecret ?? (await keptSecret(dataDir, 'session-secret', () => randomBytes(48).toString('base64')));
  return new Secrets(signingKeys(pem), Buffer.from(session, 'utf8'));
}

/** The keys of one or more PKCS#8 PEM blocks; throws when there is none or one is not P-256. */
export function signingKeys(pem: string): [SigningKey, ...SigningKey[]] {
  const blocks = pem.replaceAll('\\n', '\n').match(/-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/g) ?? [];
  const [first, ...others] = blocks.map(signingKey);
  if (first === undefined) throw new Error('no PKCS#8 private key found');
  return [first, ...others];
}

function signingKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not a P-256 key');
  const publicKey = createPublicKey(privateKey);
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kid, privateKey, publicKey };
}

/** Reads the file, or writes it once: of several processes that start together, all get the one that was first. */
async function keptSecret(dataDir: string, name: string, generate: () => string): Promise<string> {
  const folder = join(dataDir, 'secrets');
  const path = join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, generate(), { mode: 0o600, flag: 'wx', flush: true });
  try {
    // link() fails where the name exists, unlike rename(): the first writer wins and nobody reads half a file.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') await rename(draft, path);
    else if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
  return readFile(path, 'utf8');
}
