import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { DataSource } from 'typeorm';
import { DevelopmentSignIn } from '../../src/auth/development-sign-in/development-sign-in.js';
import { readConfig } from '../../src/platform/config/environment.js';
import { Secrets, signingKeys } from '../../src/platform/config/secrets.js';

/** Another front end, listed in CORS_ORIGINS. */
export const FRONT_END = 'http://localhost:5173';

const SESSION_SECRET = Buffer.from('a-secret-of-these-tests-and-of-nothing-else');

/** One API process, as far as the development sign-in is concerned. */
export interface ApiProcess {
  readonly server: Server;
  readonly signIn: DevelopmentSignIn;
  /** Where it listens. */
  readonly url: string;
  readonly publicUrl: string;
}

/** The API processes on one database, with the secrets that they share. */
export class ApiProcesses {
  private readonly secrets = new Secrets(
    signingKeys(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
    SESSION_SECRET,
  );
  private running: ApiProcess[] = [];

  constructor(private readonly database: DataSource) {}

  signInWith(environment: Record<string, string>): DevelopmentSignIn {
    return new DevelopmentSignIn(configOf(environment), this.secrets, this.database);
  }

  /** Each listens at a port of its own; several may serve the same PUBLIC_URL. */
  async start(environment: Record<string, string> = {}): Promise<ApiProcess> {
    const app = express();
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const settings = { PORT: String(port), ...environment };
    const signIn = this.signInWith(settings);
    await signIn.mount(app);
    app.use((_request, response) => void response.status(404).send('not of the provider'));
    const process = { server, signIn, url: `http://127.0.0.1:${port}`, publicUrl: configOf(settings).publicUrl };
    this.running.push(process);
    return process;
  }

  async stopAll(): Promise<void> {
    const stopping = this.running;
    this.running = [];
    await Promise.all(
      stopping.map(async ({ server }) => {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }),
    );
  }
}

function configOf(environment: Record<string, string>) {
  return readConfig({ CORS_ORIGINS: FRONT_END, ...environment }, { rateProviders: ['frankfurter', 'ecb'] });
}

/** What the application keeps while somebody signs in. */
export interface Attempt {
  readonly url: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly state: string;
}

/** What the application asks for, as its Google sign-in does it. */
export function attemptAt({ signIn }: ApiProcess, changes: Record<string, string> = {}): Attempt {
  const client = signIn.client();
  const [verifier, nonce, state] = [random(), random(), random()];
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri(client.issuer),
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    prompt: 'select_account',
    ...changes,
  });
  return { url: `${client.authorizationEndpoint}?${parameters.toString()}`, verifier, nonce, state };
}

/** The application's exchange of a code. */
export async function redeem(
  at: ApiProcess,
  attempt: Attempt,
  code: string | null,
  changes: Record<string, string> = {},
) {
  const { clientId, clientSecret, issuer, tokenEndpoint } = at.signIn.client();
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: code ?? '',
      redirect_uri: redirectUri(issuer),
      code_verifier: attempt.verifier,
      client_id: clientId,
      client_secret: clientSecret,
      ...changes,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

/** The public keys, as any process publishes them. */
export async function publishedKeys({ signIn }: ApiProcess): Promise<JSONWebKeySet> {
  return (await (await fetch(signIn.client().jwksUri)).json()) as JSONWebKeySet;
}

/** Checks an ID token as the application does, and answers its claims. */
export async function verified(at: ApiProcess, idToken: string | undefined): Promise<JWTPayload> {
  const { clientId: audience, issuer } = at.signIn.client();
  const keys = createLocalJWKSet(await publishedKeys(at));
  return (await jwtVerify(idToken ?? '', keys, { issuer, audience, algorithms: ['RS256'] })).payload;
}

/** The browser of a visitor: keeps cookies by name and path, follows nothing by itself. */
export class Visitor {
  private readonly cookies = new Map<string, { pair: string; path: string }>();

  /** `at`: the process that answers, whatever the address says, as behind a balancer. */
  constructor(public at: ApiProcess) {}

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname, search } = new URL(url);
    const headers = new Headers({ accept: 'text/html', ...(init.headers as Record<string, string>) });
    const cookies = [...this.cookies.values()].filter(({ path }) => pathname.startsWith(path));
    if (cookies.length > 0) headers.set('cookie', cookies.map(({ pair }) => pair).join('; '));
    const response = await fetch(`${this.at.url}${pathname}${search}`, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const path = attributes.find((item) => /^path=/i.test(item))?.slice(5) ?? '/';
      this.cookies.set(`${pair.split('=')[0]} ${path}`, { pair, path });
    }
    return response;
  }

  /** From the redirect of the application to the page; answers the page's address. */
  async begin(attempt: Attempt): Promise<string> {
    return location(await this.open(attempt.url)).href;
  }

  submit(page: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.open(page, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** Submits the page and follows its redirects; answers the parameters of the application's callback. */
  async choose(page: string, fields: Record<string, string>): Promise<URLSearchParams> {
    const resumed = await this.open(location(await this.submit(page, fields)).href);
    const callback = location(resumed);
    if (!callback.pathname.endsWith('/auth/google/callback')) throw new Error(`led to ${callback.href}`);
    return callback.searchParams;
  }
}

/** Signs in from beginning to end; answers the claims of the verified ID token. */
export async function signedIn(at: ApiProcess, fields: Record<string, string>, visitor = new Visitor(at)) {
  const attempt = attemptAt(at);
  const callback = await visitor.choose(await visitor.begin(attempt), fields);
  const { body } = await redeem(at, attempt, callback.get('code'));
  return verified(at, body.id_token);
}

/** Where a redirect leads; throws where it is none. */
export function location(response: Response): URL {
  const target = response.headers.get('location');
  if (response.status !== 303 || target === null) throw new Error(`answered ${response.status} instead of a redirect`);
  return new URL(target);
}

function redirectUri(issuer: string): string {
  return issuer.replace(/\/dev-sign-in$/, '/auth/google/callback');
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
