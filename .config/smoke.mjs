// npm run smoke: starts what was built as a newcomer would, in an empty folder, twice; asks it for its page, stops it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const DATA_DIR = join(tmpdir(), `hackonomics-smoke-${randomBytes(6).toString('hex')}`);
const LIMITS = { 'first start': 25, 'second start': 10 };

try {
  for (const [name, limit] of Object.entries(LIMITS)) await startAskStop(name, limit);
} finally {
  await rm(DATA_DIR, { recursive: true, force: true });
}

async function startAskStop(name, limitSeconds) {
  const port = await freePort();
  const startedAt = Date.now();
  // A closed port in place of the sources: nothing outside this machine is asked.
  const closed = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(process.execPath, [join(root, '.config', 'start.mjs')], {
    cwd: root,
    env: {
      ...process.env,
      DATA_DIR,
      PORT: String(port),
      FRANKFURTER_URL: closed,
      ECB_HISTORY_URL: `${closed}/file.zip`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await waitFor(server, `Hackonomics is ready at http://localhost:${port}`);
    const seconds = (Date.now() - startedAt) / 1000;
    if (seconds > limitSeconds) throw new Error(`${name} took ${seconds} s, more than ${limitSeconds} s`);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
    if (!page.ok || !(await page.text()).includes('<title>') || !ready.ok)
      throw new Error(`${name}: no page, or not ready`);
    console.log(`${name}: ready after ${seconds.toFixed(1)} s, page ${page.status}, /health/ready ${ready.status}`);
  } finally {
    server.kill('SIGINT');
    if (server.exitCode === null) await once(server, 'exit');
  }
  if (server.exitCode !== 0) throw new Error(`${name}: ended with ${server.exitCode ?? server.signalCode}`);
}

function waitFor(server, line) {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.split('\n').includes(line)) resolve();
    });
    server.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready:\n${output}`)));
  });
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
