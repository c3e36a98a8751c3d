/**
 * Where a redirect leads, or undefined when we do not go there: only within one origin, or from http to https of the
 * same host. Anything else could lead credentials, or the server itself, to a place that nobody configured.
 */
export function allowedRedirect(from: URL, location: string | undefined): URL | undefined {
  if (location === undefined) return undefined;
  const to = URL.parse(location, from.href);
  if (to === null) return undefined;
  const upgrade = from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname;
  if (to.origin !== from.origin && !upgrade) return undefined;
  // Credentials stand where the operator wrote them; an answer can neither add nor change any.
  to.username = from.username;
  to.password = from.password;
  return to;
}

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}
