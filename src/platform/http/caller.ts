import type { Request } from 'express';

export const SCOPES = ['rates:read', 'rates:write', 'profile:read', 'profile:write', 'gateway'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who makes the request, as the access guard found out. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: 'user' | 'admin';
  readonly scopes: ReadonlySet<Scope>;
}

const callers = new WeakMap<Request, Caller>();

export function setCaller(request: Request, caller: Caller): void {
  callers.set(request, caller);
}

export function callerOf(request: Request): Caller | undefined {
  return callers.get(request);
}
