import { generateKeyPairSync } from 'node:crypto';
import { Logger as PinoLogger } from 'nestjs-pino';
import { type Logger, symbols } from 'pino';
import { SessionEntity } from '../../src/auth/sessions/session.entity.js';
import type { Environment } from '../../src/platform/config/environment.js';
import { UserEntity } from '../../src/users/user.entity.js';
import { eventually } from './eventually.js';
import { SettableClock } from './settable-clock.js';
import { TestBrowser } from './stand-ins/browser.js';
import { type Google, startGoogle } from './stand-ins/google.js';
import { freePort, startTestApp, type TestApp } from './test-app.js';

export const JSON_CALLER = { accept: 'application/json' };
export const FRONT_END = 'https://front.example.com';

/** Of these tests and of nothing else: replicas must share one. */
const SIGNING_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** What an API caller gets in the end. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: string;
  readonly expiresIn: number;
  readonly user: Record<string, unknown> & { readonly id: string };
}

/** The application, a Google to sign in with, and a clock that both go by. */
export class SignInHouse {
  private constructor(
    readonly google: Google,
    readonly server: TestApp,
    readonly clock: SettableClock,
    /** Where people reach it: PUBLIC_URL. */
    readonly url: string,
    private readonly env: Environment,
  ) {}

  static async open(env: Environment = {}): Promise<SignInHouse> {
    const clock = new SettableClock('2026-08-03T09:00:00Z');
    const google = await startGoogle({ now: () => clock.now().getTime() });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const whole = {
      ROLE: 'api',
      JWT_PRIVATE_KEY: SIGNING_KEY,
      PORT: String(port),
      PUBLIC_URL: url,
      CORS_ORIGINS: FRONT_END,
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      GOOGLE_ISSUER: google.url,
      ...env,
    };
    return new SignInHouse(google, await startTestApp({ env: whole, clock }), clock, url, whole);
  }

  /** Another process on the same database and with the same keys, under the same public address. */
  replica(env: Environment): Promise<TestApp> {
    const port = freePort().then(String);
    return port.then((PORT) =>
      startTestApp({ env: { ...this.env, ...env, PORT }, clock: this.clock, sharing: this.server.database }),
    );
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.google.close();
  }

  browser(): TestBrowser {
    return new TestBrowser(this.url);
  }

  /** A browser in which that person has signed in. */
  async signedIn(sub: string): Promise<TestBrowser> {
    const browser = this.browser();
    const answer = await browser.signIn({ sub });
    if (answer.status !== 303) throw new Error(`the sign-in of ${sub} was answered ${answer.status}`);
    return browser;
  }

  /** The tokens of a program that signed in as that person. */
  async tokens(sub: string): Promise<Tokens> {
    const answer = await this.browser().signIn({ sub }, { headers: JSON_CALLER });
    if (answer.status !== 200) throw new Error(`the sign-in of ${sub} was answered ${answer.status}`);
    return (await answer.json()) as Tokens;
  }

  /** A request without any cookie. */
  send(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  refresh(refreshToken: string): Promise<Response> {
    return this.send('POST', '/auth/refresh', { body: { refreshToken } });
  }

  /** Status of `GET /api/users/me` with this access token. */
  async access(token: string, url = this.url): Promise<number> {
    return (await fetch(`${url}/api/users/me`, { headers: bearer(token) })).status;
  }

  /** Resolves once another process refuses the token; rejects after the second in which it has to. */
  refusedBy({ url }: TestApp, token: string): Promise<void> {
    return eventually('the replica refuses the token', async () => (await this.access(token, url)) === 401, 1_000);
  }

  users(): Promise<UserEntity[]> {
    return this.server.database.dataSource.getRepository(UserEntity).find();
  }

  sessions(): Promise<SessionEntity[]> {
    return this.server.database.dataSource.getRepository(SessionEntity).find();
  }

  /** The lines that the application logs from now on; LOG_LEVEL decides which. */
  logLines(): string[] {
    const nest: unknown = this.server.app.get(PinoLogger);
    const { logger } = (nest as { logger: { logger: Logger } }).logger;
    const lines: string[] = [];
    const stream = (logger as unknown as Record<symbol, { write(line: string): void } | undefined>)[symbols.streamSym];
    if (stream === undefined) throw new Error('pino keeps its stream elsewhere');
    stream.write = (line) => void lines.push(line);
    return lines;
  }
}

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** Status and code of a problem; throws where it is none. */
export async function problemOf(
  response: Response,
): Promise<{ status: number; code: string; errors?: { field: string; message: string }[] }> {
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  if (!type.startsWith('application/problem+json'))
    throw new Error(`${response.status} ${type}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as { status: number; code: string };
}
