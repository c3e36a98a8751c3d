import { hash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Config } from '../../platform/config/config.js';
import { Secrets, type SigningKey } from '../../platform/config/secrets.js';
import { Unauthenticated } from '../../platform/errors/errors.js';
import { type Caller, type Scope } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import type { OpenSession } from '../sessions/sessions.service.js';
import { ACCESS_TOKEN_SECONDS, ACCESS_TOKEN_TYPE, type AccessTokenClaims, scopesOf } from './access-token.js';

const MAX_TOKEN_LENGTH = 4_096;
const CACHE_SIZE = 20_000;

interface Verified {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

/** Issues and verifies access tokens: ES256, ten minutes. A token is verified once, later looked up by its hash. */
@Injectable()
export class AccessTokens {
  private readonly keys: ReadonlyMap<string, SigningKey>;
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly jwt: JwtService,
    private readonly secrets: Secrets,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    this.keys = new Map(secrets.signingKeys.map((key) => [key.kid, key]));
  }

  issue({ id, user }: Pick<OpenSession, 'id' | 'user'>): string {
    const [key] = this.secrets.signingKeys;
    const iat = Math.floor(this.clock.now().getTime() / 1000);
    const claims: AccessTokenClaims = {
      iss: this.config.publicUrl,
      aud: this.config.publicUrl,
      sub: user.id,
      sid: id,
      jti: randomUUID(),
      iat,
      exp: iat + ACCESS_TOKEN_SECONDS,
      scope: scopesOf(user.role).join(' '),
      role: user.role,
    };
    return this.jwt.sign(claims, {
      algorithm: 'ES256',
      privateKey: key.privateKey,
      header: { alg: 'ES256', typ: ACCESS_TOKEN_TYPE, kid: key.kid },
    });
  }

  /** Who bears this token, where it was verified before and still runs. */
  known(token: string): Caller | undefined {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const verified = this.verified.get(hashOf(token));
    return verified !== undefined && this.clock.now().getTime() < verified.expiresAtMs ? verified.caller : undefined;
  }

  /** Who bears this token; throws Unauthenticated for anything that we did not issue or that has expired. */
  verify(token: string): Caller {
    if (token.length > MAX_TOKEN_LENGTH) throw invalid();
    const key = hashOf(token);
    const known = this.verified.get(key) ?? this.check(token, key);
    if (this.clock.now().getTime() >= known.expiresAtMs) {
      this.verified.delete(key);
      throw new Unauthenticated('token_expired', { detail: 'The access token has expired: refresh it.' });
    }
    return known.caller;
  }

  /** RFC 7517, for whoever wants to verify our tokens themselves. */
  jwks(): { keys: Record<string, unknown>[] } {
    const keys = this.secrets.signingKeys.map(({ kid, publicKey }) => {
      return { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
    });
    return { keys };
  }

  private check(token: string, key: string): Verified {
    const claims = this.claimsOf(token);
    const caller: Caller = {
      userId: claims.sub,
      role: claims.role,
      scopes: new Set(claims.scope.split(' ') as Scope[]),
      credential: { kind: 'session', sessionId: claims.sid },
    };
    const verified = { caller, expiresAtMs: claims.exp * 1000 };
    this.verified.set(key, verified);
    if (this.verified.size > CACHE_SIZE) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    return verified;
  }

  private claimsOf(token: string): AccessTokenClaims {
    const key = this.keys.get(headerOf(token)?.kid ?? '');
    if (key === undefined) throw invalid();
    try {
      const { header, payload } = this.jwt.verify<{ header: { typ?: string }; payload: AccessTokenClaims }>(token, {
        algorithms: ['ES256'],
        publicKey: key.publicKey as never,
        issuer: this.config.publicUrl,
        audience: this.config.publicUrl,
        complete: true,
        // Expiry is checked against the injected clock, at each use.
        ignoreExpiration: true,
      });
      if (header.typ !== ACCESS_TOKEN_TYPE) throw new Error('another kind of token');
      if (typeof payload.exp !== 'number') throw new Error('a token that never expires');
      return payload;
    } catch (cause) {
      throw invalid(cause);
    }
  }
}

function hashOf(token: string): string {
  return hash('sha256', token, 'base64');
}

function headerOf(token: string): { kid?: string } | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString('utf8')) as { kid?: string };
  } catch {
    return undefined; // no token at all: refused by the caller, like one with an unknown key
  }
}

function invalid(cause?: unknown): Unauthenticated {
  return new Unauthenticated('token_invalid', { detail: 'The access token is not valid here.', cause });
}
