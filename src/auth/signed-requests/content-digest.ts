import { timingSafeEqual } from 'node:crypto';
import { parseDictionary } from 'structured-headers';
import { refusal } from './refusal.js';

/** Throws Unauthenticated where the sha-256 of a `Content-Digest` (RFC 9530) is not this one; other algorithms are passed over. */
export function checkContentDigest(lines: readonly string[], sha256: Buffer): void {
  const [claimed] = digests(lines).get('sha-256') ?? [];
  if (!(claimed instanceof ArrayBuffer) || claimed.byteLength !== sha256.length)
    throw refusal('Content-Digest needs a sha-256 of 32 bytes, in base64 between colons.');
  if (!timingSafeEqual(Buffer.from(claimed), sha256))
    throw refusal('The sha-256 in Content-Digest is not that of the body as it arrived.');
}

function digests(lines: readonly string[]): ReturnType<typeof parseDictionary> {
  try {
    return parseDictionary(lines.join(', '));
  } catch (cause) {
    throw refusal('Content-Digest is not spelt as RFC 9530 says.', cause);
  }
}
