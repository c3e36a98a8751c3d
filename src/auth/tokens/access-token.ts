import type { Scope } from '../../platform/http/caller.js';
import type { UserRole } from '../../users/user.js';

export const ACCESS_TOKEN_SECONDS = 600;
export const ACCESS_TOKEN_TYPE = 'at+jwt';
/** What a person may do in a session; a key may be given less, never more. */
export function scopesOf(role: UserRole): readonly Scope[] {
  const scopes = ['rates:read', 'profile:read', 'profile:write', 'gateway'] as const;
  return role === 'admin' ? [...scopes, 'rates:write'] : scopes;
}

/** Claims of an access token (RFC 9068); times in seconds since 1970. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly sid: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  /** Separated by spaces. */
  readonly scope: string;
  readonly role: UserRole;
}
