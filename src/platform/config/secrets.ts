import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartFailed } from '../start-failed.js';
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

/** Throws StartFailed where the folder cannot be used, or holds something else than what was put there. */
export async function loadSecrets({ jwtPrivateKey, sessionSecret }: Config, dataDir: string): Promise<Secrets> {
  const pem = jwtPrivateKey ?? (await keptSecret(dataDir, 'jwt-private-key.pem', generateSigningKey, isSigningKey));
  const session =
    sessionSecret ?? (await keptSecret(dataDir, 'session-secret', generateSessionSecret, isSessionSecret));
  return new Secrets(signingKeys(pem), Buffer.from(session, 'utf8'));
}

function generateSigningKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function generateSessionSecret(): string {
  return randomBytes(48).toString('base64');
}

/** Half a file, after a full disk, would be a weak key. */
function isSessionSecret(text: string): boolean {
  return Buffer.byteLength(text) >= 32;
}

function isSigningKey(pem: string): boolean {
  try {
    return signingKeys(pem).length > 0;
  } catch {
    // Why not may repeat what is in the file.
    return false;
  }
}

/** The keys of one or more PKCS#8 PEM blocks; throws when there is none or one is not P-256. */
export function signingKeys(pem: string): [SigningKey, ...SigningKey[]] {
  const blocks =
    pem.replaceAll('\\n', '\n').match(/-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/g) ?? [];
  const keys = blocks.map(signingKey);
  // A block that is there twice is one key: it is published once.
  const [first, ...others] = keys.filter(({ kid }, at) => keys.findIndex((key) => key.kid === kid) === at);
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
async function keptSecret(
  dataDir: string,
  name: string,
  generate: () => string,
  isUsable: (text: string) => boolean,
): Promise<string> {
  const path = join(dataDir, 'secrets', name);
  try {
    const text = (await readIfThere(path)) ?? (await writeOnce(path, generate()));
    if (isUsable(text)) return text;
  } catch (cause) {
    const reason = String((cause as NodeJS.ErrnoException).code ?? cause);
    throw new StartFailed(
      `The generated secrets cannot be kept in ${dirname(path)} (${reason}): make it writable for this user, or set DATA_DIR to another folder, or set SESSION_SECRET and JWT_PRIVATE_KEY.`,
      { cause },
    );
  }
  throw new StartFailed(
    `The file ${path} holds no usable secret: put the right one back, or remove it to get a new one (everybody then signs in again).`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeOnce(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
  try {
    // link() fails where the name exists, unlike rename(): the first writer wins and nobody reads half a file.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}
