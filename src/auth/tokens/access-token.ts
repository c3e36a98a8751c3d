import type { Scope } from '../../platform/http/caller.js';
import type { UserRole } from '../../users/user.js';

export const ACCESS_TOKEN_SECONDS = 600;
export const ACCESS_TOKEN_TYPE = 'at+jwt';
/** What a person's own session may do; a key may be given less. */
export const PERSON_SCOPES: readonly Scope[] = ['rates:read', 'profile:read', 'profile:write', 'gateway'];

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
