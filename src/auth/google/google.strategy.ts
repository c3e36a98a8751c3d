import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy, type StrategyOptionsWithRequest } from 'passport-google-oauth20';
import { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { Config } from '../../platform/config/config.js';
import { Forbidden, Invalid, UpstreamFailed } from '../../platform/errors/errors.js';
import { AllowedOrigins } from '../../platform/http/allowed-origins.js';
import type { Identity } from '../../users/user.js';
import { IdTokens } from './id-token.js';
import { type LoginAttempt, LoginAttempts } from './login-attempts.js';
import { OpenIdIssuer } from './open-id-issuer.js';

/** With metadata before and keys behind it (2.5 s each), a sign-in ends within 10 s however Google behaves. */
const TOKEN_DEADLINE_MS = 4_500;
const MAX_TOKEN_ANSWER_BYTES = 64 * 1024;
const VALIDATE_ARITY = 6;

/** What a verified sign-in yields, as `request.user`. */
export interface SignedInVisitor {
  readonly identity: Identity;
  readonly returnTo: string;
}

/** The parts of passport-oauth2's client that are replaced; it declares them protected. */
interface OAuth2Internals {
  _oauth2: {
    _authorizeUrl: string;
    _accessTokenUrl: string;
    _clientId: string;
    _clientSecret: string;
    getOAuthAccessToken: (code: string, params: Record<string, string>, done: TokenCallback) => void;
  };
}
type TokenCallback = (
  error: unknown,
  accessToken?: string,
  refreshToken?: string,
  params?: Record<string, unknown>,
) => void;

/** A sign-in under way, from the redirect to Google (no state yet) or from the callback. */
const attempts = new WeakMap<Request, Pick<LoginAttempt, 'nonce' | 'returnTo'>>();

/**
 * Passport's Google strategy, made to keep its promises without a session store: state, nonce and PKCE verifier travel
 * in a sealed cookie, the code is exchanged by our own client (deadline, byte cap), and the person is taken from the
 * verified ID token alone: no further call.
 */
@Injectable()
export class GoogleStrategy extends PassportStrategy(Strategy, 'google', VALIDATE_ARITY) {
  constructor(
    config: Config,
    private readonly issuer: OpenIdIssuer,
    private readonly idTokens: IdTokens,
    private readonly upstream: UpstreamClient,
    private readonly origins: AllowedOrigins,
    private readonly loginAttempts: LoginAttempts,
  ) {
    super({
      // Client and endpoints are set before each use: another issuer's are only known after its discovery.
      clientID: 'set-by-authenticate',
      clientSecret: 'set-by-authenticate',
      callbackURL: `${config.publicUrl}/auth/google/callback`,
      scope: ['openid', 'email', 'profile'],
      pkce: true,
      state: true,
      store: stateStore(loginAttempts),
      passReqToCallback: true,
      skipUserProfile: true,
    } as unknown as StrategyOptionsWithRequest);
    this.oauth2.getOAuthAccessToken = (code, params, done) => {
      this.exchange(code, params).then(
        (answer) => done(null, text(answer.access_token) || 'none', undefined, answer),
        (error: unknown) => done(error),
      );
    };
  }

  override authenticate(request: Request, options: Record<string, unknown>): void {
    responseOf(request).setHeader('Cache-Control', 'no-store');
    this.prepare(request)
      .then((shown) => super.authenticate(shown, { ...options, nonce: attempts.get(shown)?.nonce }))
      .catch((error: unknown) => this.error(error));
  }

  /**
   * What Passport gets to see of a request: nothing but the parameters of its step. Others would steer it: it takes a
   * login with a `code` for a callback, and a callback without one for a login.
   */
  private async prepare(request: Request): Promise<Request> {
    const isCallback = /\/callback\/?$/i.test(request.path);
    const query = isCallback ? this.answerOf(request) : {};
    const shown = { query, headers: request.headers, res: request.res } as unknown as Request;
    if (!isCallback) {
      attempts.set(shown, {
        nonce: randomBytes(24).toString('base64url'),
        returnTo: this.origins.returnTo(request.query.returnTo),
      });
    }
    try {
      const client = await this.issuer.client();
      this.oauth2._authorizeUrl = client.authorizationEndpoint;
      this.oauth2._accessTokenUrl = client.tokenEndpoint;
      this.oauth2._clientId = client.clientId;
      this.oauth2._clientSecret = client.clientSecret;
    } catch (cause) {
      throw googleFailed(cause);
    }
    return shown;
  }

  /** Google's answer; throws where it is no code. */
  private answerOf(request: Request): { code: string; state: unknown } {
    const { code, error, state } = request.query;
    if (typeof error === 'string' && error !== '') {
      this.loginAttempts.take(request, responseOf(request), state);
      if (error === 'access_denied') {
        throw new Forbidden('sign_in_denied', { detail: 'The sign-in was cancelled. Nothing has been changed.' });
      }
      // Anybody can put text into this address: only what looks like a code of OAuth gets into the log.
      throw googleFailed(new Error(`Google answered ${/^[a-z_]{1,60}$/.test(error) ? error : 'an unknown error'}`));
    }
    if (typeof code !== 'string' || code === '') {
      throw new Invalid('sign_in_incomplete', { detail: 'This address is only reached by way of a sign-in.' });
    }
    return { code, state };
  }

  override authorizationParams(options: { nonce?: string }): Record<string, string> {
    return {
      ...(super.authorizationParams(options) as Record<string, string>),
      prompt: 'select_account',
      nonce: options.nonce ?? '',
    };
  }

  async validate(
    request: Request,
    _accessToken: string,
    _refreshToken: string,
    answer: Record<string, unknown>,
  ): Promise<SignedInVisitor> {
    const attempt = attempts.get(request);
    if (attempt === undefined) throw googleFailed(new Error('no attempt'));
    try {
      const identity = await this.idTokens.identityOf(text(answer.id_token), attempt.nonce);
      return { identity, returnTo: attempt.returnTo };
    } catch (cause) {
      throw googleFailed(cause);
    }
  }

  private get oauth2(): OAuth2Internals['_oauth2'] {
    return (this as unknown as OAuth2Internals)._oauth2;
  }

  private async exchange(code: string, params: Record<string, string>): Promise<Record<string, unknown>> {
    const { clientId, clientSecret, tokenEndpoint } = await this.issuer.client();
    try {
      const { body } = await this.upstream.json<Record<string, unknown> | null>({
        upstream: 'google',
        url: tokenEndpoint,
        method: 'POST',
        body: { form: { ...params, code, client_id: clientId, client_secret: clientSecret } },
        deadlineMs: TOKEN_DEADLINE_MS,
        maxBytes: MAX_TOKEN_ANSWER_BYTES,
      });
      if (body === null || typeof body !== 'object') throw new Error('the token answer is no object');
      return body;
    } catch (cause) {
      throw googleFailed(cause);
    }
  }
}

/** Passport's seam for state and PKCE; it tells the versions of `store` and `verify` apart by their arity. */
function stateStore(loginAttempts: LoginAttempts) {
  return {
    store(
      request: Request,
      verifier: string,
      _state: unknown,
      _meta: unknown,
      done: (error: unknown, state?: string) => void,
    ): void {
      const { nonce = '', returnTo = '/' } = attempts.get(request) ?? {};
      done(null, loginAttempts.begin(request, responseOf(request), { nonce, verifier, returnTo }).state);
    },
    verify(
      request: Request,
      state: unknown,
      _meta: unknown,
      done: (error: unknown, verifier?: string | false) => void,
    ): void {
      const attempt = loginAttempts.take(request, responseOf(request), state);
      if (attempt === undefined) return done(null, false);
      attempts.set(request, attempt);
      done(null, attempt.verifier);
    },
  };
}

function responseOf(request: Request): NonNullable<Request['res']> {
  if (request.res === undefined) throw new Error('the request has no response');
  return request.res;
}

function googleFailed(cause: unknown): UpstreamFailed {
  return new UpstreamFailed('google_failed', {
    detail: 'Google did not confirm the sign-in. Nothing has been changed; please try again.',
    cause,
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
