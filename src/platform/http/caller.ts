import type { Request } from 'express';
import { Forbidden } from '../errors/errors.js';

export const SCOPES = ['rates:read', 'rates:write', 'profile:read', 'profile:write', 'gateway'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a caller showed to be known. */
export type Credential =
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'api_key'; readonly id: string }
  | { readonly kind: 'hmac_client'; readonly id: string; readonly tier: string | null };

/** Who makes the request, as the access guard found out. */
export interface Caller {
  readonly userId: string;
  /** Of the person; a program that acts for an administrator is none. */
  readonly role: 'user' | 'admin';
  readonly scopes: ReadonlySet<Scope>;
  readonly credential: Credential;
}

const callers = new WeakMap<Request, Caller>();

export function setCaller(request: Request, caller: Caller): void {
  callers.set(request, caller);
}

export function callerOf(request: Request): Caller | undefined {
  return callers.get(request);
}

/** The session of a caller who is a person; throws Forbidden for a program. */
export function sessionOf({ credential }: Caller): string {
  if (credential.kind === 'session') return credential.sessionId;
  throw new Forbidden('session_needed', { detail: 'This needs a person who is signed in: no key can do it.' });
}
