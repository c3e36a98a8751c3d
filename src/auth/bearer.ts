import type { Request } from 'express';
import { Invalid, Unauthenticated } from '../platform/errors/errors.js';

/**
 * The token of `Authorization: Bearer`; undefined without that header. Throws Unauthenticated for any other scheme or
 * spelling, so that a bad header is never mended by a cookie, and Invalid for more than one header.
 */
export function bearerToken(request: Request): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  // Node keeps the first of several and says nothing of the others.
  if (request.rawHeaders.filter((_, at) => at % 2 === 0 && isAuthorization(request.rawHeaders[at])).length > 1)
    throw twoCredentials();
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw new Unauthenticated('token_invalid', { detail: 'Send the token as: Authorization: Bearer <token>.' });
  return token;
}

export function twoCredentials(): Invalid {
  return new Invalid('two_credentials', { detail: 'Send one credential: an access token or an API key, once.' });
}

function isAuthorization(header: string | undefined): boolean {
  return header?.toLowerCase() === 'authorization';
}
