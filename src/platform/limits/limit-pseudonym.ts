import { createHmac } from 'node:crypto';

/** What stands in the store of the limits for an address or an identity: the same in every process, and unreadable. */
export function limitPseudonym(secret: Buffer, key: string): string {
  return createHmac('sha256', secret).update(key).digest('base64url').slice(0, 22);
}
