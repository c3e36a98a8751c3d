import type { Request } from 'express';
import { Invalid, Unauthenticated } from '../platform/errors/errors.js';

/**
 * The token of `Authorization: Bearer`; undefined without that header. Throws Unauthenticated for any other scheme or
 * spelling, so that a bad header is never mended by a cookie, and Invalid for more than one header.
 */
export function bearerToken(request: Request): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  if (isRepeated(request, 'authorization')) throw twoCredentials();
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw new Unauthenticated('token_invalid', { detail: 'Send the token as: Authorization: Bearer <token>.' });
  return token;
}

export function twoCredentials(): Invalid {
  return new Invalid('two_credentials', {
    detail: 'Send one credential, once: an access token, an API key or a signature.',
  });
}

/** Node keeps the first of several, or joins them, and says nothing of it. */
export function isRepeated({ rawHeaders }: Request, header: string): boolean {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === header).length > 1;
}
