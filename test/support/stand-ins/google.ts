import { randomBytes } from 'node:crypto';
import { type Answer, type Plan, type PlanOrder } from './faults.js';
import { checkClient, checkVerifier, errorPage, type Grant, grantedScope, json, OAuthError } from './google-oauth.js';
import { type Person, personFromText, personOf } from './google-people.js';
import { createSigningKey, type Hostility, idToken, type SigningKey } from './google-tokens.js';
import { type RecordedRequest, type ServerOptions, StandInServer } from './server.js';

export interface GoogleOptions extends ServerOptions {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Registered redirect addresses, compared letter by letter. Without a list any loopback address is one. */
  readonly redirectUris?: readonly string[];
  /** Milliseconds since 1970; for codes and tokens. */
  readonly now?: () => number;
  readonly codeLifeSeconds?: number;
}

interface Refusals {
  readonly error: string;
  readonly withState: boolean;
  left: number;
}

const TOKEN_SECONDS = 3599;

/** Google's OpenID provider: its own address is its issuer. Sends everybody straight back. */
export class Google {
  /** Signs in where the request names nobody else; stays until changed. */
  nextPerson: Person = personOf('108000000000000000001');
  /** What ID tokens say in `iss`; Google has been known to leave the scheme away: `accounts.google.com`. */
  idTokenIssuer = '';
  /** Added to every certificate answer, as Google lets them be kept for hours. */
  certsCacheControl = 'public, max-age=19800, must-revalidate, no-transform';

  readonly clientId: string;
  readonly clientSecret: string;

  private readonly now: () => number;
  private readonly grants = new Map<string, Grant>();
  private readonly personByAccessToken = new Map<string, Person>();
  private readonly hostilities: { readonly hostility: Hostility; left: number }[] = [];
  private readonly refusals: Refusals[] = [];
  private server!: StandInServer;
  private keys: SigningKey[] = [];

  private constructor(private readonly options: GoogleOptions) {
    this.clientId = options.clientId ?? '1234567890-stand-in.apps.googleusercontent.com';
    this.clientSecret = options.clientSecret ?? 'GOCSPX-stand-in-secret';
    this.now = options.now ?? Date.now;
  }

  static async start(options: GoogleOptions = {}): Promise<Google> {
    const google = new Google(options);
    await google.rotateKeys();
    google.server = await StandInServer.start((request) => google.answer(request), options);
    google.idTokenIssuer = google.url;
    return google;
  }

  get url(): string {
    return this.server.url;
  }

  get requests(): readonly RecordedRequest[] {
    return this.server.requests;
  }

  /** The product reads the ID token and has no reason to call this. */
  get userinfoCalls(): number {
    return this.requests.filter(({ path }) => path === '/userinfo').length;
  }

  /** Before every answer, whatever the plans say. */
  set delayMs(ms: number) {
    this.server.delayMs = ms;
  }

  /** Orders a fault of any endpoint, as for every stand-in. */
  plan(order: PlanOrder): Plan {
    return this.server.plan(order);
  }

  clearPlans(): void {
    this.server.clearPlans();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** The next tokens are bad in that way; orders are used up one after the other. */
  hostile(hostility: Hostility, times = 1): void {
    this.hostilities.push({ hostility, left: times });
  }

  /** The next authorize requests come back with an error instead of a code. */
  refuse({ error = 'access_denied', withState = true, times = 1 } = {}): void {
    this.refusals.push({ error, withState, left: times });
  }

  /** Takes back every refusal, hostility and fault. */
  clearOrders(): void {
    this.hostilities.length = 0;
    this.refusals.length = 0;
    this.server.clearPlans();
  }

  /** A new signing key; the old ones stay published only if told so. */
  async rotateKeys({ keepOld = false } = {}): Promise<void> {
    const key = await createSigningKey(randomBytes(20).toString('hex'));
    this.keys = keepOld ? [key, ...this.keys] : [key];
  }

  private async answer(request: RecordedRequest): Promise<Answer> {
    try {
      switch (`${request.method} ${request.path}`) {
        case 'GET /.well-known/openid-configuration':
          return json(this.discovery(), { 'cache-control': 'public, max-age=3600' });
        case 'GET /o/oauth2/v2/auth':
          return this.authorize(request);
        case 'POST /token':
          return await this.token(request);
        case 'GET /oauth2/v3/certs':
          return json({ keys: this.keys.map((key) => key.publicJwk) }, { 'cache-control': this.certsCacheControl });
        case 'GET /userinfo':
        case 'POST /userinfo':
          return this.userinfo(request);
        default:
          return {
            status: 404,
            headers: { 'content-type': 'text/html' },
            body: '<html><body>404. That’s an error.</body></html>',
          };
      }
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return { ...json({ error: error.error, error_description: error.message }), status: error.status };
    }
  }

  private discovery(): object {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/o/oauth2/v2/auth`,
      token_endpoint: `${this.url}/token`,
      userinfo_endpoint: `${this.url}/userinfo`,
      jwks_uri: `${this.url}/oauth2/v3/certs`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'email', 'profile'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      claims_supported: ['aud', 'email', 'email_verified', 'exp', 'given_name', 'iat', 'iss', 'name', 'picture', 'sub'],
      code_challenge_methods_supported: ['plain', 'S256'],
      grant_types_supported: ['authorization_code'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  /** Straight back to the caller, as if the person had clicked. What cannot be trusted to be the caller's gets a page instead. */
  private authorize(request: RecordedRequest): Answer {
    const { query } = request;
    const redirectUri = query.redirect_uri ?? '';
    if (query.client_id !== this.clientId) return errorPage(401, 'invalid_client', 'The OAuth client was not found.');
    if (!this.isRegistered(redirectUri)) return errorPage(400, 'redirect_uri_mismatch', redirectUri);
    const back = (parameters: Record<string, string>): Answer => {
      const url = new URL(redirectUri);
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { status: 302, headers: { location: url.href, 'cache-control': 'no-store' } };
    };
    const state: Record<string, string> = query.state === undefined ? {} : { state: query.state };
    const refusal = takeOne(this.refusals);
    if (refusal) return back({ error: refusal.error, ...(refusal.withState && state) });
    const scopes = (query.scope ?? '').split(' ');
    const method = query.code_challenge_method ?? 'plain';
    if (query.response_type !== 'code') return back({ error: 'unsupported_response_type', ...state });
    if (!scopes.includes('openid')) return back({ error: 'invalid_scope', ...state });
    if (query.code_challenge !== undefined && !['plain', 'S256'].includes(method))
      return back({ error: 'invalid_request', ...state });

    const person = this.personOfRequest(request);
    const scope = grantedScope(scopes);
    const code = `4/0${randomBytes(32).toString('base64url')}`;
    this.grants.set(code, {
      person,
      redirectUri,
      scope,
      nonce: query.nonce,
      challenge: query.code_challenge,
      challengeMethod: method,
      expiresAt: this.now() + (this.options.codeLifeSeconds ?? 600) * 1000,
    });
    const workspace: Record<string, string> = person.hd === undefined ? {} : { hd: person.hd };
    return back({
      ...state,
      iss: this.url,
      code,
      scope,
      authuser: '0',
      ...workspace,
      prompt: query.prompt ?? 'consent',
    });
  }

  private isRegistered(redirectUri: string): boolean {
    if (this.options.redirectUris) return this.options.redirectUris.includes(redirectUri);
    if (!URL.canParse(redirectUri)) return false;
    return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(redirectUri).hostname);
  }

  /** By query parameter `person`, header `x-stand-in-person`, cookie `stand_in_person`, `login_hint`, else {@link nextPerson}. */
  private personOfRequest({ query, headers }: RecordedRequest): Person {
    const header = headers['x-stand-in-person'];
    const cookie = /(?:^|;\s*)stand_in_person=([^;]*)/.exec(headers.cookie ?? '')?.[1];
    const text =
      query.person ?? (typeof header === 'string' ? header : undefined) ?? (cookie && decodeURIComponent(cookie));
    if (text) return personFromText(text);
    const hint = query.login_hint;
    if (!hint) return this.nextPerson;
    return hint.includes('@') ? { ...personOf(hint.split('@')[0] ?? hint), email: hint } : personOf(hint);
  }

  private async token(request: RecordedRequest): Promise<Answer> {
    const form = new URLSearchParams(request.body);
    checkClient(request, form, this);
    if (form.get('grant_type') !== 'authorization_code') {
      throw new OAuthError(400, 'unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`);
    }
    const code = form.get('code');
    if (!code) throw new OAuthError(400, 'invalid_request', 'Missing required parameter: code');
    const grant = this.grants.get(code);
    // A code is worth one try, a failed one too.
    this.grants.delete(code);
    if (!grant || grant.expiresAt <= this.now()) throw new OAuthError(400, 'invalid_grant', 'Malformed auth code.');
    if (form.get('redirect_uri') !== grant.redirectUri)
      throw new OAuthError(400, 'redirect_uri_mismatch', 'Bad Request');
    checkVerifier(grant, form.get('code_verifier'));

    const accessToken = `ya29.${randomBytes(48).toString('base64url')}`;
    this.personByAccessToken.set(accessToken, grant.person);
    const hostility = takeOne(this.hostilities)?.hostility;
    const key = this.keys[0] as SigningKey;
    const token = await idToken({
      issuer: this.idTokenIssuer,
      clientId: this.clientId,
      person: grant.person,
      accessToken,
      nonce: grant.nonce,
      now: Math.floor(this.now() / 1000),
      key,
      ...(hostility && { hostility }),
    });
    const { scope } = grant;
    return json({ access_token: accessToken, expires_in: TOKEN_SECONDS, scope, token_type: 'Bearer', id_token: token });
  }

  private userinfo(request: RecordedRequest): Answer {
    const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const person = this.personByAccessToken.get(token ?? request.query.access_token ?? '');
    if (!person) throw new OAuthError(401, 'invalid_request', 'Invalid Credentials');
    return json(person);
  }
}

export function startGoogle(options: GoogleOptions = {}): Promise<Google> {
  return Google.start(options);
}

function takeOne<T extends { left: number }>(orders: T[]): T | undefined {
  const order = orders.find(({ left }) => left > 0);
  if (order) order.left -= 1;
  return order;
}
