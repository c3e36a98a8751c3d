import type { Scope } from '../../platform/http/caller.js';
import type { UserRole } from '../../users/user.js';

/** What a program shows, or signs with, to act for its owner. */
export type MachineCredentialKind = 'api_key' | 'hmac_client';

/** A credential as its owner sees it: without any secret. */
export interface MachineCredential {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Of an HMAC client: the limits that it has at the gateway. */
  readonly tier: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** Up to a minute late. */
  readonly lastUsedAt: Date | null;
  readonly rotatedAt: Date | null;
}

/** The secrets of a credential as they are stored: hashed or sealed, never readable. */
export interface KeptSecrets {
  readonly secret: Buffer;
  /** The secret before the last rotation, which counts until `previousUntil`. */
  readonly previousSecret: Buffer | null;
  readonly previousUntil: Date | null;
}

/** What a request is verified against. Its owner exists and is not disabled. */
export interface UsableCredential extends KeptSecrets {
  readonly id: string;
  readonly kind: MachineCredentialKind;
  readonly userId: string;
  readonly ownerRole: UserRole;
  readonly scopes: readonly Scope[];
  readonly tier: string | null;
  readonly expiresAt: Date | null;
}

export function hasExpired({ expiresAt }: { readonly expiresAt: Date | null }, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** The stored secrets that count at this moment, the one in force first. */
export function secretsAt({ secret, previousSecret, previousUntil }: KeptSecrets, now: Date): readonly Buffer[] {
  const overlaps = previousSecret !== null && previousUntil !== null && now < previousUntil;
  return overlaps ? [secret, previousSecret] : [secret];
}
