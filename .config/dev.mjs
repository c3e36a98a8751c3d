// npm run start:dev: everything as in `npm start`, rebuilt and restarted on change. One origin, one set of cookies and the
// same content security policy as in production: the server serves the page, which Vite builds again on change (reload it).
import { spawn } from 'node:child_process';
import { rmSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** A compilation writes many files: one restart for all of them. */
const SETTLE_MS = 300;

const children = new Set();
let server;
let stopping = false;
let restartTimer;

// What the watchers write is no longer what was stamped: the next `npm start` builds again.
for (const part of ['server', 'page']) rmSync(join(root, 'dist', `.built-${part}`), { force: true });
run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput']);
run(['node_modules/vite/bin/vite.js', 'build', '--watch', '--config', 'libs/web/vite.config.ts', '--logLevel', 'warn']);
startServer();
for (const folder of ['dist/src', 'dist/libs', '.env']) watchFor(join(root, folder));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

function run(args, options = {}) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    // The last one switches off the light.
    if (stopping && children.size === 0) process.exit(0);
  });
  return child;
}

function startServer() {
  server = run(['--enable-source-maps', 'dist/src/main.js']);
  server.once('exit', (code) => {
    if (!stopping && code !== 0) console.error('The server ended; it starts again on the next change.');
  });
}

function watchFor(path) {
  try {
    watch(path, { recursive: true }, (_event, name) => {
      if (name?.endsWith('.map')) return;
      clearTimeout(restartTimer);
      restartTimer = setTimeout(restartServer, SETTLE_MS);
    });
  } catch (error) {
    // Without an .env there is nothing to watch.
    if (error.code !== 'ENOENT') throw error;
  }
}

function restartServer() {
  if (stopping) return;
  if (!children.has(server)) return startServer();
  // In order: two servers cannot share the port or the embedded database.
  const previous = server;
  if (previous.restarting) return;
  previous.restarting = true;
  previous.once('exit', () => {
    if (!stopping) startServer();
  });
  previous.kill('SIGTERM');
}

/** Ctrl-C reaches the others by the terminal too; a second signal changes nothing. */
function stop() {
  stopping = true;
  clearTimeout(restartTimer);
  for (const child of children) child.kill('SIGTERM');
}
