// Many whole sign-ins at once while Google takes its time: how much of the waiting is ours?
//   node test/bench/sign-ins.mjs [sign-ins=500] [Google's milliseconds=1000] [rounds=3]
// The server is the built one (npm run build), ROLE=api, one process, on an embedded PostgreSQL of its own.
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { cpuSecondsOf, freePort } from './processes.mjs';

const [signIns = 500, googleMs = 1_000, rounds = 3] = process.argv.slice(2).map(Number);
const ROOT = join(import.meta.dirname, '..', '..');
const DIST = new URL('../../dist/', import.meta.url);
const FIRST_BYTES_MS = 60_000;

const load = (path) => import(new URL(path, DIST).href);
const { startEmbeddedPostgres } = await load('libs/embedded-postgres/embedded-postgres.js');
const { migrate } = await load('src/platform/database/database.js');
const { migrateJobQueue } = await load('src/jobs/job-runner.js');
const { schema } = await load('src/schema.js');

const dataDir = join(tmpdir(), `hackonomics-bench-${randomBytes(6).toString('hex')}`);
const database = await startEmbeddedPostgres({ dataDir, explicit: true });
let google;
let server;
try {
  await migrate(database.url, schema, () => migrateJobQueue(database.url));
  google = fork(join(import.meta.dirname, 'stand-in-google.mjs'), [String(googleMs)]);
  const [client] = await once(google, 'message');
  const base = await started(client);
  // Metadata and keys are fetched once, by whoever comes first.
  await Promise.all(Array.from({ length: 20 }, (_, at) => signIn(base, `warm-${at}`)));
  console.log(
    `${signIns} sign-ins at once, Google's token endpoint at ${googleMs} ms, ${availableParallelism()} cores\n`,
  );
  console.log(
    'round   all done in   more than Google   ratio   failed   p50       p99       CPU of server, Google, client',
  );
  for (let round = 1; round <= rounds; round++) print(round, await measure(base, round));
} finally {
  server?.kill('SIGTERM');
  if (server?.exitCode === null) await once(server, 'exit');
  google?.disconnect();
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function started(client) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  server = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ROLE: 'api',
      LOG_LEVEL: 'warn',
      PORT: String(port),
      METRICS_PORT: '0',
      PUBLIC_URL: base,
      DATA_DIR: join(dataDir, 'server'),
      DATABASE_URL: database.url,
      // Counted as always, refused never: all of them come from one address.
      RATE_LIMIT_SCALE: '1000',
      GOOGLE_ISSUER: client.url,
      GOOGLE_CLIENT_ID: client.clientId,
      GOOGLE_CLIENT_SECRET: client.clientSecret,
      ...(process.env.BENCH_NODE_OPTIONS && { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS }),
    },
  });
  let output = '';
  await new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    server.stdout.on('data', (chunk) => {
      output += String(chunk);
      if (/^Hackonomics is ready/m.test(output)) resolve();
    });
  });
  return base;
}

async function measure(base, round) {
  const since = performance.now();
  const cpuBefore = cpuSeconds();
  const all = await Promise.all(
    Array.from({ length: signIns }, (_, at) => signIn(base, `person-${round}-${at}`).catch((error) => error)),
  );
  const wholeMs = performance.now() - since;
  const lasted = all.filter((each) => typeof each === 'number').sort((a, b) => a - b);
  const reasons = new Set(all.filter((each) => typeof each !== 'number').map(String));
  for (const reason of reasons) console.log(`  ${reason}`);
  const cpuAfter = cpuSeconds();
  const cpu = cpuAfter.map((seconds, at) => seconds - (cpuBefore[at] ?? 0));
  return { wholeMs, lasted, failed: all.length - lasted.length, cpu };
}

/** Seconds of processor time so far: server, stand-in, this client. Linux alone tells of others. */
function cpuSeconds() {
  const own = process.cpuUsage();
  return [...[server, google].map(({ pid }) => cpuSecondsOf(pid)), (own.user + own.system) / 1e6];
}

/** Ours, Google's, ours: answers how many milliseconds it took until the cookies were there. */
async function signIn(base, person) {
  // One connection for each side, as a browser would.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = (url, headers) => answerOf(agent, url, headers);
  const since = performance.now();
  try {
    const login = expectStatus(await get(`${base}/auth/google/login`), 302);
    const authorize = new URL(login.headers.location);
    authorize.searchParams.set('person', person);
    const back = expectStatus(await get(authorize.href), 302);
    const cookie = (login.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ');
    const done = expectStatus(await get(back.headers.location, { cookie }), 303);
    const signedIn = done.headers['set-cookie']?.some((line) => /^hx_rt=./.test(line));
    if (!signedIn) throw new Error('answered 303 without a session');
    return performance.now() - since;
  } finally {
    agent.destroy();
  }
}

function expectStatus(answer, status) {
  if (answer.status !== status) throw new Error(`answered ${answer.status} instead of ${status}`);
  return answer;
}

function answerOf(agent, url, headers = {}) {
  return new Promise((resolve, reject) => {
    const options = { agent, headers: { accept: 'text/html', ...headers }, timeout: FIRST_BYTES_MS };
    const sent = request(url, options, (answer) => {
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
      answer.resume();
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('error', (error) => {
      // A connection that was closed while it was idle: a browser asks again on a new one.
      if (sent.reusedSocket && error.code === 'ECONNRESET') answerOf(agent, url, headers).then(resolve, reject);
      else reject(error);
    });
    sent.end();
  });
}

function print(round, { wholeMs, lasted, failed, cpu }) {
  const at = (share) => `${Math.round(lasted[Math.ceil(lasted.length * share) - 1] ?? NaN)} ms`;
  const cells = [
    [round, 8],
    [`${Math.round(wholeMs)} ms`, 14],
    [`${Math.round(wholeMs - googleMs)} ms`, 19],
    [googleMs > 0 ? (wholeMs / googleMs).toFixed(2) : '–', 8],
    [failed, 9],
    [at(0.5), 10],
    [at(0.99), 10],
    [cpu.map((seconds) => `${seconds.toFixed(1)} s`).join(', '), 0],
  ];
  console.log(
    cells
      .map(([cell, width]) => String(cell).padEnd(width))
      .join('')
      .trimEnd(),
  );
}
