import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Audit } from '../audit/audit.js';
import { AppError, Invalid, Unauthenticated } from '../platform/errors/errors.js';
import { addressOf } from '../platform/http/address.js';
import type { Caller } from '../platform/http/caller.js';
import { deviceOf } from '../platform/http/device.js';
import { RateLimits } from '../platform/limits/rate-limits.js';
import { bearerToken, twoCredentials } from './bearer.js';
import { ApiKeys } from './machine-credentials/api-keys.js';
import { SessionCookies } from './session-cookies.js';
import { RevokedSessions } from './sessions/revoked-sessions.js';
import { SignedRequests } from './signed-requests/signed-requests.js';
import { AccessTokens } from './tokens/access-tokens.service.js';

/** One credential of a request, and the two ways to know its caller: without any work, or by verifying it. */
interface Shown {
  known(): Caller | undefined;
  verify(): Promise<Caller>;
}

/** What a program that puts a credential into the address might call it. */
const IN_QUERY = /^(access_?token|api[-_]?key|x-api-key|key|token)$/i;

/** Tells who makes a request by the one credential that it shows. */
@Injectable()
export class Callers {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly cookies: SessionCookies,
    private readonly revoked: RevokedSessions,
    private readonly apiKeys: ApiKeys,
    private readonly signedRequests: SignedRequests,
    private readonly limits: RateLimits,
    private readonly audit: Audit,
  ) {}

  /** Throws Unauthenticated for nobody, Invalid for two credentials, TooMany for an address that has guessed too often. */
  async identify(request: Request): Promise<Caller> {
    const shown = this.shown(request);
    const caller = shown.known() ?? (await this.verified(request, shown));
    const { credential } = caller;
    if (credential.kind === 'session' && (await this.revoked.has(credential.sessionId))) {
      throw new Unauthenticated('session_ended', { detail: 'This session has ended. Please sign in again.' });
    }
    return caller;
  }

  private shown(request: Request): Shown {
    const bearer = bearerToken(request);
    const cookie = this.cookies.accessToken(request);
    const apiKey = request.headers['x-api-key'];
    const signed = this.signedRequests.isSigned(request);
    // A header counts before the cookie of the same kind, and a bad one is never mended by it.
    const token = bearer ?? cookie;
    if (Number(token !== undefined) + Number(apiKey !== undefined) + Number(signed) > 1) throw twoCredentials();
    if (apiKey !== undefined) {
      const text = String(apiKey);
      return { known: () => this.apiKeys.known(text), verify: () => this.apiKeys.verify(text) };
    }
    if (signed) return { known: () => undefined, verify: () => this.signedRequests.verify(request) };
    if (token === undefined) throw nobody(request);
    return { known: () => this.tokens.known(token), verify: async () => Promise.resolve(this.tokens.verify(token)) };
  }

  /** Verification costs something, so that it is refused to an address that has shown too many false credentials. */
  private async verified(request: Request, shown: Shown): Promise<Caller> {
    const address = addressOf(request);
    this.limits.refuseExhausted('failed_credentials', address);
    try {
      return await shown.verify();
    } catch (error) {
      if (error instanceof AppError && error.kind === 'unauthenticated' && error.code.endsWith('_invalid')) {
        await this.limits.take('failed_credentials', { address });
        await this.audit.recordRefusal({
          action: 'credential.refused',
          person: null,
          reason: error.code,
          device: deviceOf(request),
        });
      }
      throw error;
    }
  }
}

function nobody(request: Request): AppError {
  if (Object.keys(request.query).some((name) => IN_QUERY.test(name))) {
    return new Invalid('credential_in_query', {
      detail: 'Send credentials as headers. What stood in this address may have been logged on its way: replace it.',
    });
  }
  return new Unauthenticated('not_signed_in', { detail: 'Please sign in.' });
}
