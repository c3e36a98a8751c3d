import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { type BuiltServer, ready, spawnBuiltServer } from './built-server.js';
import { TestBrowser } from './stand-ins/browser.js';
import { type Google, startGoogle } from './stand-ins/google.js';
import { type TestDatabase, testDatabase } from './test-database.js';

export const JSON_CALLER = { accept: 'application/json' };
/** Another front end, listed in CORS_ORIGINS. */
export const FRONT_END = 'https://front.example.com';

type Environment = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: string;
  readonly expiresIn: number;
  readonly user: { readonly id: string; readonly role: string };
}

/** A P-256 private key in PEM, as an operator generates it. */
export function newSigningKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** One place of the service: a port, and the built server as a process of its own behind it, again and again. */
export class Replica {
  private processes: BuiltServer[] = [];

  constructor(
    readonly port: number,
    private readonly env: Environment,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(changes: Environment = {}): Promise<this> {
    const server = spawnBuiltServer({ ...this.env, PORT: String(this.port), ...changes });
    this.processes.push(server);
    await ready(server);
    return this;
  }

  /** SIGTERM unless told otherwise; answers the exit status. */
  async stop(signal?: NodeJS.Signals): Promise<number | null | undefined> {
    return this.processes.at(-1)?.stop(signal);
  }

  get running(): boolean {
    const process = this.processes.at(-1)?.process;
    return process?.exitCode === null && process.signalCode === null;
  }

  /** What every process here has written, from the first on. */
  output(): string {
    return this.processes.map((server) => server.output()).join('');
  }
}

/** A browser that tells what it was given, so that it can be looked for in logs. */
class WatchedBrowser extends TestBrowser {
  constructor(
    baseUrl: string,
    private readonly seen: (secret: string) => void,
  ) {
    super(baseUrl);
  }

  override async request(...[method, path, sent]: Parameters<TestBrowser['request']>): Promise<Response> {
    const answer = await super.request(method, path, sent);
    for (const line of answer.headers.getSetCookie()) this.seen(/^[^=]*=([^;]*)/.exec(line)?.[1] ?? '');
    const location = URL.parse(answer.headers.get('location') ?? '', this.baseUrl);
    for (const name of ['code', 'state', 'nonce']) this.seen(location?.searchParams.get(name) ?? '');
    return answer;
  }
}

/** The built server from outside: processes that share a database and their secrets, a Google, and the real clock. */
export class BlackBox {
  readonly replicas: Replica[] = [];
  /** What no log may hold. */
  private readonly secrets = new Set<string>();

  private constructor(
    readonly google: Google,
    readonly database: TestDatabase,
    /** Where people reach it, PUBLIC_URL: the first replica. */
    readonly url: string,
    private readonly env: Environment,
  ) {
    for (const name of ['SESSION_SECRET', 'GOOGLE_CLIENT_SECRET', 'DATABASE_URL']) this.keepOut(env[name] ?? '');
  }

  static async open({ replicas = 1, env = {} }: { replicas?: number; env?: Environment } = {}): Promise<BlackBox> {
    const [google, database, dataDir, port] = await Promise.all([
      startGoogle(),
      testDatabase(),
      mkdtemp(join(tmpdir(), 'hackonomics-box-')),
      restartablePort(),
    ]);
    const url = `http://127.0.0.1:${port}`;
    const box = new BlackBox(google, database, url, {
      NODE_ENV: 'test',
      ROLE: 'api',
      LOG_LEVEL: 'trace',
      METRICS_PORT: '0',
      RATE_LIMIT_SCALE: '1000',
      RATE_PROVIDERS: 'ecb',
      ECB_HISTORY_URL: join(dataDir, 'none.csv'),
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      PUBLIC_URL: url,
      CORS_ORIGINS: FRONT_END,
      SESSION_SECRET: randomBytes(48).toString('base64'),
      JWT_PRIVATE_KEY: newSigningKey(),
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      GOOGLE_ISSUER: google.url,
      ...env,
    });
    box.replicas.push(new Replica(port, box.env));
    while (box.replicas.length < replicas) box.replicas.push(new Replica(await restartablePort(), box.env));
    await Promise.all(box.replicas.map((replica) => replica.start()));
    return box;
  }

  /** One more, on the same database and with the same secrets. */
  async addReplica(changes: Environment = {}): Promise<Replica> {
    const replica = new Replica(await restartablePort(), { ...this.env, ...changes });
    this.replicas.push(replica);
    return replica.start();
  }

  /** Ends everything. Throws where a process has logged anything that could be used. */
  async close(): Promise<void> {
    await this.google.close();
    await Promise.all(this.replicas.map((replica) => replica.stop()));
    await this.database.drop();
    await rm(this.env.DATA_DIR ?? '', { recursive: true, force: true });
    this.expectSilentLogs();
  }

  /** Nothing of at least eight characters that is kept out here may ever be logged. */
  keepOut(...texts: string[]): void {
    for (const text of texts) if (text.length >= 8) this.secrets.add(text);
  }

  private expectSilentLogs(): void {
    for (const { query, body } of this.google.requests) {
      const form = new URLSearchParams(body);
      this.keepOut(
        ...[query.state, query.nonce, form.get('code'), form.get('code_verifier')].map((text) => text ?? ''),
      );
    }
    const log = this.replicas.map((replica) => replica.output()).join('');
    expect(log).toContain('/auth/google/callback');
    expect([...this.secrets].filter((secret) => log.includes(secret))).toEqual([]);
    expect(log).not.toMatch(/eyJ[\w-]{8}|ya29\.|PRIVATE KEY|hx_(at|rt|login_\w+)=/);
  }

  browser(baseUrl = this.url): TestBrowser {
    return new WatchedBrowser(baseUrl, (secret) => this.keepOut(secret));
  }

  async signedIn(sub: string): Promise<TestBrowser> {
    const browser = this.browser();
    const answer = await browser.signIn({ sub });
    expect(answer.status).toBe(303);
    return browser;
  }

  async tokens(sub: string, person: object = {}): Promise<Tokens> {
    const answer = await this.browser().signIn({ sub, ...person }, { headers: JSON_CALLER });
    expect(answer.status).toBe(200);
    return this.kept((await answer.json()) as Tokens);
  }

  /** Remembers the tokens of an answer as what no log may hold. */
  kept<T extends Pick<Tokens, 'accessToken' | 'refreshToken'>>(tokens: T): T {
    this.keepOut(tokens.accessToken, tokens.refreshToken);
    return tokens;
  }

  /** Without any cookie; objects go as JSON. */
  send(method: string, path: string, { body, headers = {}, at = this.url }: Sent = {}): Promise<Response> {
    return fetch(`${at}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  refresh(refreshToken: string, at = this.url): Promise<Response> {
    return this.send('POST', '/auth/refresh', { body: { refreshToken }, at });
  }

  /** The new tokens; fails where the refresh is refused. */
  async refreshed(refreshToken: string, at = this.url): Promise<Tokens> {
    const answer = await this.refresh(refreshToken, at);
    expect(answer.status).toBe(200);
    return this.kept((await answer.json()) as Tokens);
  }

  /** Status of `GET /api/users/me`. */
  async access(token: string, at = this.url): Promise<number> {
    const answer = await this.send('GET', '/api/users/me', { headers: bearer(token), at });
    await answer.arrayBuffer();
    return answer.status;
  }

  /** Resolves once every replica refuses what these headers show; fails after the second that a revocation may take. */
  async expectRefusedEverywhere(headers: Headers): Promise<void> {
    const deadline = performance.now() + 1_000;
    await Promise.all(
      this.replicas.map(async ({ url: at }) => {
        const ask = async () => (await this.send('GET', '/api/users/me', { headers, at })).status;
        let status = await ask();
        for (; status === 200 && performance.now() < deadline; status = await ask()) await pause(5);
        expect({ at, status }).toEqual({ at, status: 401 });
      }),
    );
  }

  async rows(): Promise<{ users: number; sessions: number; ended: number }> {
    const [row] = await this.database.dataSource.query<{ users: number; sessions: number; ended: number }[]>(
      `SELECT (SELECT count(*)::int FROM users) AS users, count(*)::int AS sessions,
              count(revoked_at)::int AS ended FROM sessions`,
    );
    if (row === undefined) throw new Error('a query of counts has one row');
    return row;
  }
}

interface Sent {
  readonly body?: unknown;
  readonly headers?: Headers;
  /** Base address of the replica. */
  readonly at?: string;
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

interface Problem {
  readonly status: number;
  readonly code: string;
}

/** A refusal in the documented shape and in no other: RFC 9457, never kept, its request id that of the header. */
export async function expectProblem(answer: Response, expected: Partial<Problem> = {}): Promise<Problem> {
  const text = await answer.text();
  expect({ status: answer.status, type: answer.headers.get('content-type'), text }).toMatchObject({
    type: expect.stringMatching(/^application\/problem\+json/),
  });
  const problem = JSON.parse(text) as Problem & { errors?: unknown };
  expect(problem).toEqual({
    type: `urn:hackonomics:problem:${problem.code}`,
    title: expect.stringMatching(/\w/),
    status: answer.status,
    code: expect.stringMatching(/^[a-z][a-z_]+$/),
    detail: expect.stringMatching(/\w/),
    requestId: answer.headers.get('x-request-id'),
    ...(problem.errors === undefined
      ? {}
      : { errors: expect.arrayContaining([{ field: expect.any(String), message: expect.any(String) }]) }),
  });
  expect(problem.status).toBeGreaterThanOrEqual(400);
  expect(problem.status).not.toBe(500);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(problem).toMatchObject(expected);
  return problem;
}

/** Sends bytes as they are, which no HTTP client would, and answers what comes back until the connection ends. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (answer += chunk));
  // A server that has heard enough cuts the connection while we still speak; what it said before is the answer.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(text);
  await Promise.race([closed, pause(5_000, undefined, { ref: false })]);
  socket.destroy();
  return answer;
}

/**
 * A port below those that the system gives to connections: a server that is killed and started again finds it free.
 */
async function restartablePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + (randomBytes(4).readUInt32BE() % 12_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
