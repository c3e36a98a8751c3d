import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { addressOf } from '../http/address.js';
import { type Caller, callerOf } from '../http/caller.js';
import { setLimitHeaders } from './limit-headers.js';
import type { LimitName } from './limit-policies.js';
import { LIMIT } from './limited.decorator.js';
import { RateLimits } from './rate-limits.js';

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Counts a request against the limit of its route, and tells the caller how it stands. */
@Injectable()
export class LimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const named = this.reflector.getAllAndOverride<LimitName | undefined>(LIMIT, [
      context.getHandler(),
      context.getClass(),
    ]);
    const name = named ?? (isWrite(request) ? 'writes' : undefined);
    if (name === undefined) return true;
    const by = { address: addressOf(request), identity: identityOf(callerOf(request)) };
    setLimitHeaders(http.getResponse<Response>(), await this.limits.take(name, by));
    return true;
  }
}

function isWrite({ method, path }: Request): boolean {
  // In any case of letters, as routes are found.
  return WRITES.has(method) && /^\/(auth|api)(\/|$)/i.test(path);
}

/** A person is one, however many sessions; each key and each signed client is one of its own. */
function identityOf(caller: Caller | undefined): string | undefined {
  if (caller === undefined) return undefined;
  const { credential, userId } = caller;
  return credential.kind === 'session' ? `user:${userId}` : `${credential.kind}:${credential.id}`;
}
