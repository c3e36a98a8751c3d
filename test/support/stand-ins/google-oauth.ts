import { createHash } from 'node:crypto';
import { type Answer } from './faults.js';
import { type Person } from './google-people.js';
import { type RecordedRequest } from './server.js';

/** What an authorization code stands for. */
export interface Grant {
  readonly person: Person;
  readonly redirectUri: string;
  readonly scope: string;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  readonly challengeMethod: string;
  readonly expiresAt: number;
}

/** An error in OAuth's shape. */
export class OAuthError extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    description: string,
  ) {
    super(description);
  }
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

/** By HTTP Basic or by the form. */
export function checkClient(
  request: RecordedRequest,
  form: URLSearchParams,
  client: { readonly clientId: string; readonly clientSecret: string },
): void {
  const [, basic] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  let id = form.get('client_id');
  let secret = form.get('client_secret');
  if (basic !== undefined) {
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    id = decodeURIComponent(user);
    secret = decodeURIComponent(password.join(':'));
  }
  if (id !== client.clientId) throw new OAuthError(401, 'invalid_client', 'The OAuth client was not found.');
  if (secret !== client.clientSecret) throw new OAuthError(401, 'invalid_client', 'Unauthorized');
}

export function checkVerifier({ challenge, challengeMethod }: Grant, verifier: string | null): void {
  if (challenge === undefined) return;
  if (verifier === null) throw new OAuthError(400, 'invalid_grant', 'Missing code verifier.');
  const shown = challengeMethod === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
  if (shown !== challenge) throw new OAuthError(400, 'invalid_grant', 'Invalid code verifier.');
}

/** Google answers the short names with its long ones. */
export function grantedScope(scopes: readonly string[]): string {
  const long = scopes
    .filter((scope) => scope === 'email' || scope === 'profile')
    .map((scope) => `https://www.googleapis.com/auth/userinfo.${scope}`);
  return [...scopes.filter((scope) => scope !== ''), ...long].join(' ');
}

export function json(body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) };
}

export function errorPage(status: number, error: string, detail: string): Answer {
  const text = detail.replace(/[<>&"]/g, ' ');
  const body = `<!DOCTYPE html><html><body><h1>Access blocked</h1><p>Error ${status}: ${error}</p><p>${text}</p></body></html>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
