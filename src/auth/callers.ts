import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { type AppError, Invalid, Unauthenticated } from '../platform/errors/errors.js';
import type { Caller } from '../platform/http/caller.js';
import { deviceOf } from '../platform/http/device.js';
import { bearerToken, twoCredentials } from './bearer.js';
import { FalseCredentials } from './false-credentials.js';
import { ApiKeys } from './machine-credentials/api-keys.js';
import { SessionCookies } from './session-cookies.js';
import { RevokedSessions } from './sessions/revoked-sessions.js';
import { SignedRequests } from './signed-requests/signed-requests.js';
import { AccessTokens } from './tokens/access-tokens.service.js';

/** One credential of a request, and the two ways to know its caller: without any work, or by verifying it. */
interface Shown {
  known(): Caller | undefined;
  verify(): Caller | Promise<Caller>;
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
    private readonly falseCredentials: FalseCredentials,
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
    return { known: () => this.tokens.known(token), verify: () => this.tokens.verify(token) };
  }

  /** Verification costs something, so that it is refused to an address that has shown too many false credentials. */
  private verified(request: Request, shown: Shown): Promise<Caller> {
    const device = deviceOf(request);
    this.falseCredentials.refuseGuesser(device);
    return this.falseCredentials.counted(device, () => shown.verify());
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
