import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Forbidden, Unauthenticated } from '../platform/errors/errors.js';
import { type Caller, type Scope, setCaller } from '../platform/http/caller.js';
import { PUBLIC_ROUTE } from '../platform/http/public.decorator.js';
import { REQUIRED_SCOPES } from '../platform/http/scopes.decorator.js';
import { bearerToken, twoCredentials } from './bearer.js';
import { SessionCookies } from './session-cookies.js';
import { RevokedSessions } from './sessions/revoked-sessions.js';
import { AccessTokens } from './tokens/access-tokens.service.js';

/** Closed by default: every route that is not public needs a caller who is known, not revoked, and has its scopes. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly cookies: SessionCookies,
    private readonly revoked: RevokedSessions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, targets) === true) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const caller = await this.identify(request);
    const needed = this.reflector.getAllAndOverride<Scope[] | undefined>(REQUIRED_SCOPES, targets) ?? [];
    if (needed.some((scope) => !caller.scopes.has(scope))) {
      throw new Forbidden('scope_missing', { detail: `This needs the scope ${needed.join(' ')}.` });
    }
    setCaller(request, caller);
    return true;
  }

  private async identify(request: Request): Promise<Caller> {
    const caller = this.tokens.verify(this.tokenOf(request));
    if (await this.revoked.has(caller.sessionId)) {
      throw new Unauthenticated('session_ended', { detail: 'This session has ended. Please sign in again.' });
    }
    return caller;
  }

  /** A header counts before the cookie, and a bad one is never mended by it. */
  private tokenOf(request: Request): string {
    const bearer = bearerToken(request);
    const cookie = this.cookies.accessToken(request);
    if (request.headers['x-api-key'] !== undefined) {
      if (bearer !== undefined || cookie !== undefined) throw twoCredentials();
      throw new Unauthenticated('api_key_invalid', { detail: 'This API key is not valid.' });
    }
    const token = bearer ?? cookie;
    if (token === undefined) throw new Unauthenticated('not_signed_in', { detail: 'Please sign in.' });
    return token;
  }
}
