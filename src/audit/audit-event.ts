import type { Device } from '../platform/http/device.js';

/** What is written down, for ever. */
export const AUDIT_ACTIONS = [
  'sign_in.succeeded',
  'sign_in.refused',
  'session.rotated',
  'session.reused',
  'session.ended',
  'credential.refused',
  'api_key.created',
  'api_key.rotated',
  'api_key.deleted',
  'hmac_client.created',
  'hmac_client.rotated',
  'hmac_client.deleted',
  'user.disabled',
  'user.enabled',
  'account.exported',
  'account.deleted',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Which lines of the log are asked for, and how many at most. */
export interface AuditSearch {
  /** Concerned or acting. */
  readonly person?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly from?: Date | undefined;
  /** Not included. */
  readonly to?: Date | undefined;
  /** The id of a line: only older ones. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** One thing that happened. It names people and things by their ids alone, never by name, address of mail or secret. */
export interface AuditEvent {
  readonly action: AuditAction;
  /** Whom it concerns; null where nobody is known, as with a refused sign-in. */
  readonly person: string | null;
  /** Who did it, where that is not the person: an administrator. */
  readonly actor?: string | null;
  /** The session, key or client. */
  readonly target?: string | null;
  /** A stable word, such as the code of a refusal. */
  readonly reason?: string | null;
  /** Null for what the product does by itself. */
  readonly device: Device | null;
}
