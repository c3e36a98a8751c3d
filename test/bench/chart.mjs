// The chart of somebody signed in, in the steady state, beside a bare node:http that sends the same bytes.
//   node test/bench/chart.mjs [seconds a turn=3] [connections=32] [rounds=3]
// The server is the built one (npm run build), ROLE=api, one process, on an embedded PostgreSQL of its own. This process
// asks both in turns, over connections that are kept. Where others use the machine too, the processor time that a request
// costs tells more than how many there were.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import 'reflect-metadata';
import { cpuSecondsOf, freePort } from './processes.mjs';

const [seconds = 3, connections = 32, rounds = 3] = process.argv.slice(2).map(Number);
const ROOT = join(import.meta.dirname, '..', '..');
const DIST = new URL('../../dist/', import.meta.url);
const PATH = '/api/exchange-rate/chart';

/** Node's own server and nothing else, with one answer for all requests: written to it as JSON on stdin. */
const BARE = `
  const { createServer } = require('node:http');
  let text = '';
  process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
    const { port, status, headers, body } = JSON.parse(text);
    const bytes = Buffer.from(body, 'base64');
    createServer((request, response) => response.writeHead(status, headers).end(bytes)).listen(port, '127.0.0.1');
  });`;

const load = (path) => import(new URL(path, DIST).href);
const { startEmbeddedPostgres } = await load('libs/embedded-postgres/embedded-postgres.js');
const { migrate } = await load('src/platform/database/database.js');
const { migrateJobQueue } = await load('src/jobs/job-runner.js');
const { schema } = await load('src/schema.js');
const { readConfig } = await load('src/platform/config/environment.js');
const { loadSecrets } = await load('src/platform/config/secrets.js');
const { AccessTokens } = await load('src/auth/tokens/access-tokens.service.js');
const { SystemClock } = await load('src/platform/time/clock.js');
const { JwtService } = await import('@nestjs/jwt');

const dataDir = join(tmpdir(), `hackonomics-bench-${randomBytes(6).toString('hex')}`);
const database = await startEmbeddedPostgres({ dataDir, explicit: true, database: 'bench' });
const children = [];
try {
  await migrate(database.url, schema, () => migrateJobQueue(database.url));
  const userId = await fill(database.url);
  const { port, token, child } = await startServer(userId);
  const server = { port, child };
  const signedIn = { authorization: `Bearer ${token}` };
  const whole = await once200(port, signedIn);
  const etag = /^etag: (.*)$/im.exec(whole.head)?.[1] ?? '';
  console.log(`${whole.body.length} bytes, ${connections} connections, ${seconds} s a turn, best of ${rounds}\n`);
  console.log('                     requests a second              µs of processor a request');
  console.log('the chart as         ours     bare http   ratio     ours     bare http   ratio');
  await compare('it is', server, signedIn);
  await compare('brotli', server, { ...signedIn, 'accept-encoding': 'br' });
  await compare('304', server, { ...signedIn, 'if-none-match': etag });
} finally {
  const left = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ends = left.map((child) => once(child, 'exit'));
  for (const child of left) child.kill('SIGTERM');
  await Promise.all(ends);
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Two years of weekdays, up to today, and somebody whose currency that is. */
async function fill(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const userId = randomUUID();
  await client.query(
    `INSERT INTO users (id, issuer, subject, email_verified, role, country, currency, created_at, last_login_at)
     VALUES ($1, 'https://issuer.example', '1', false, 'user', 'KR', 'KRW', now(), now())`,
    [userId],
  );
  await client.query(
    `WITH days AS (SELECT day::date FROM generate_series(now() - interval '25 months', now(), '1 day') AS day
                    WHERE extract(isodow FROM day) < 6),
          series AS (INSERT INTO rate_series (provider, base, quote, first_date, last_date)
                     SELECT 'ecb', 'EUR', quote, (SELECT min(day) FROM days), (SELECT max(day) FROM days)
                       FROM (VALUES ('USD'), ('KRW')) AS pair (quote) RETURNING id, quote)
     INSERT INTO rate_observations (series_id, date, revision, rate, fetched_at)
     SELECT id, day, 1, round((CASE quote WHEN 'USD' THEN 1.1 ELSE 1600 END + random() / 10)::numeric, 4), now()
       FROM series CROSS JOIN days`,
  );
  await client.query(
    `INSERT INTO rate_sources (provider, attempted_at, succeeded_at, failures, loaded_from)
     VALUES ('ecb', now(), now(), 0, '1999-01-04')`,
  );
  await client.end();
  return userId;
}

async function startServer(userId) {
  const port = await freePort();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = join(dataDir, 'server');
  await mkdir(own);
  const env = {
    ROLE: 'api',
    LOG_LEVEL: 'warn',
    PORT: String(port),
    METRICS_PORT: '0',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: own,
    DATABASE_URL: database.url,
    RATE_PROVIDERS: 'ecb',
    JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    // Never asked: nobody signs in here.
    GOOGLE_CLIENT_ID: 'bench',
    GOOGLE_CLIENT_SECRET: 'bench',
  };
  const config = readConfig(env, { rateProviders: ['ecb'] });
  const tokens = new AccessTokens(new JwtService(), await loadSecrets(config, own), config, new SystemClock());
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...env,
      ...(process.env.BENCH_NODE_OPTIONS && { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS }),
    },
  });
  children.push(child);
  let output = '';
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
      if (/^Hackonomics is ready/m.test(output)) resolve();
    });
  });
  return { port, child, token: tokens.issue({ id: randomUUID(), user: { id: userId, role: 'user' } }) };
}

async function startBare(answer) {
  const port = await freePort();
  const child = spawn(process.execPath, ['-e', BARE], { stdio: ['pipe', 'inherit', 'inherit'] });
  children.push(child);
  child.stdin.end(JSON.stringify({ port, ...answer }));
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return { port, child };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the bare server does not listen');
}

async function compare(name, server, headers) {
  const { status, head, body } = await answerTo(server.port, headers);
  const kept = ['content-type', 'content-encoding', 'content-length', 'etag', 'cache-control', 'vary'];
  const lines = head.split('\r\n').map((line) => line.split(/: (.*)/s));
  const sent = Object.fromEntries(lines.filter(([field]) => kept.includes(field.toLowerCase())));
  const bare = await startBare({ status, headers: sent, body: body.toString('base64') });
  const turns = new Map([
    [server, []],
    [bare, []],
  ]);
  for (const each of turns.keys()) await turn(each, headers, 1);
  for (let round = 0; round < rounds; round++) {
    for (const [each, done] of turns) done.push(await turn(each, headers, seconds));
  }
  bare.child.kill('SIGKILL');
  const best = (each, figure, of) => of(...turns.get(each).map((one) => one[figure]));
  const cells = (figure, of, ratio) => {
    const [ours, its] = [best(server, figure, of), best(bare, figure, of)];
    return [ours.toFixed(0).padEnd(9), its.toFixed(0).padEnd(12), ratio(ours, its).toFixed(2).padEnd(10)].join('');
  };
  const perSecond = cells('perSecond', Math.max, (ours, its) => ours / its);
  const micros = cells('micros', Math.min, (ours, its) => its / ours);
  console.log(`${`${name} (${body.length})`.padEnd(21)}${perSecond}${micros}`.trimEnd());
}

/** The chart, once the server has read which sessions have ended: until then it asks for a row, which nobody wrote here. */
async function once200(port, headers) {
  for (let tries = 1; ; tries++) {
    const answer = await answerTo(port, headers);
    if (answer.status === 200) return answer;
    if (tries === 50) throw new Error(`answered ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function requestText(port, headers) {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers }).map((pair) => pair.join(': '));
  return `GET ${PATH} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/** One answer as it came over the wire. */
function answerTo(port, headers) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(requestText(port, { ...headers, connection: 'close' })),
    );
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf('\r\n\r\n');
      const head = all.subarray(0, end).toString('latin1');
      resolve({ status: Number(head.split(' ')[1]), head, body: all.subarray(end + 4) });
    });
  });
}

/** Each connection asks again once it has the answer. Answers are as long as each other, so that bytes count them. */
async function turn({ port, child }, headers, forSeconds) {
  const text = requestText(port, headers);
  const length = await lengthOfKept(port, text);
  let answers = 0;
  let isOver = false;
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received < length) return;
      if (received > length) throw new Error('an answer of another length');
      received = 0;
      answers += 1;
      if (!isOver) socket.write(text);
    });
    return socket;
  });
  const since = performance.now();
  const cpuBefore = cpuSecondsOf(child.pid);
  await new Promise((resolve) => setTimeout(resolve, forSeconds * 1_000));
  const took = performance.now() - since;
  const cpu = cpuSecondsOf(child.pid) - cpuBefore;
  isOver = true;
  const counted = answers;
  for (const socket of sockets) socket.destroy();
  return { perSecond: counted / (took / 1_000), micros: (cpu * 1e6) / counted };
}

/** Bytes of an answer on a connection that is kept. */
function lengthOfKept(port, text) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let all = Buffer.alloc(0);
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      all = Buffer.concat([all, chunk]);
      const end = all.indexOf('\r\n\r\n') + 4;
      if (end < 4) return;
      const head = all.subarray(0, end).toString('latin1');
      const body = head.startsWith('HTTP/1.1 304') ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1]);
      if (all.length < end + body) return;
      socket.destroy();
      resolve(end + body);
    });
  });
}
