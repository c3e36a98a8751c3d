import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Forbidden } from '../platform/errors/errors.js';
import { ADMIN_ROUTE } from '../platform/http/admin.decorator.js';
import { type Caller, sessionOf, type Scope, setCaller } from '../platform/http/caller.js';
import { PUBLIC_ROUTE } from '../platform/http/public.decorator.js';
import { REQUIRED_SCOPES } from '../platform/http/scopes.decorator.js';
import { Callers } from './callers.js';

/**
 * Closed by default: a route that is not public needs a caller who is known and not revoked. One that names scopes takes
 * whoever holds them; every other takes people alone, with a session of their own.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: Callers,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const isMarked = (mark: string) => this.reflector.getAllAndOverride<boolean | undefined>(mark, targets) === true;
    if (isMarked(PUBLIC_ROUTE)) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const caller = await this.callers.identify(request);
    const scopes = this.reflector.getAllAndOverride<Scope[] | undefined>(REQUIRED_SCOPES, targets);
    if (scopes === undefined) sessionOf(caller);
    else refuseWithout(scopes, caller);
    if (isMarked(ADMIN_ROUTE)) refuseUnlessAdmin(caller);
    setCaller(request, caller);
    return true;
  }
}

function refuseWithout(scopes: readonly Scope[], caller: Caller): void {
  if (scopes.every((scope) => caller.scopes.has(scope))) return;
  throw new Forbidden('scope_missing', { detail: `This needs the scope ${scopes.join(' ')}.` });
}

function refuseUnlessAdmin(caller: Caller): void {
  sessionOf(caller);
  if (caller.role !== 'admin') throw new Forbidden('admin_only', { detail: 'This is for administrators.' });
}
