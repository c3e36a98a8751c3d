// Builds what is not built: the server (tsc) and the page (Vite), each when its sources differ from those it was built of.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import './node-version.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const force = process.argv.includes('--force');

const parts = [
  {
    name: 'server',
    sources: ['src', 'libs', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    without: ['libs/web', 'libs/api-client'],
    output: 'src/main.js',
    // Without its record tsc writes every file again, whatever it believes to be there.
    clean: () => rmSync(join(dist, 'tsconfig.build.tsbuildinfo'), { force: true }),
    command: ['node_modules/@nestjs/cli/bin/nest.js', 'build'],
    finish: () => {},
  },
  {
    name: 'page',
    sources: ['libs/web', 'libs/api-client', 'package-lock.json'],
    without: [],
    output: 'web/index.html',
    clean: () => {},
    command: ['node_modules/vite/bin/vite.js', 'build', '--config', 'libs/web/vite.config.ts', '--logLevel', 'warn'],
    finish: () => compress(join(dist, 'web')),
  },
];

if (!(await build())) process.exit(1);

async function build() {
  if (!force && parts.every(isBuilt)) return true;
  mkdirSync(dist, { recursive: true });
  const release = await takeTurn(join(dist, '.building'));
  try {
    // Looked at again: whoever had the turn before may have built it.
    return parts.filter((part) => force || !isBuilt(part)).every(buildPart);
  } finally {
    release();
  }
}

function buildPart(part) {
  // Of the sources as they are now: what changes during the build is built by the next one.
  const state = stateOf(part);
  rmSync(stampOf(part), { force: true });
  if (force || !existsSync(join(dist, part.output))) part.clean();
  console.error(`Building the ${part.name} …`);
  const [script, ...rest] = part.command;
  const { status, signal } = spawnSync(process.execPath, [join(root, script), ...rest], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error(`The ${part.name} could not be built (${signal ?? `status ${status}`}).`);
    return false;
  }
  part.finish();
  writeFileSync(stampOf(part), state);
  return true;
}

function isBuilt(part) {
  const stamp = stampOf(part);
  return existsSync(stamp) && existsSync(join(dist, part.output)) && readFileSync(stamp, 'utf8') === stateOf(part);
}

function stampOf({ name }) {
  return join(dist, `.built-${name}`);
}

/** By content: times of files say little after a checkout, a copy or a restored cache. */
function stateOf({ sources, without }) {
  const excluded = new Set(without.map((path) => join(root, path)));
  const hash = createHash('sha256');
  const visit = (path) => {
    if (excluded.has(path) || !existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else
      hash
        .update(`${path.slice(root.length)}\0`)
        .update(readFileSync(path))
        .update('\0');
  };
  for (const path of sources) visit(join(root, path));
  return hash.digest('hex');
}

/** Two starts at once do not write into each other's files. A builder that died is not waited for. */
async function takeTurn(path) {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isStale(path)) rmSync(path, { force: true });
    else await pause(200);
  }
}

function isStale(path) {
  try {
    const owner = Number(readFileSync(path, 'utf8'));
    // Empty: made this moment, or by a builder that died then.
    return owner === 0 ? Date.now() - statSync(path).mtimeMs > 2000 : !isAlive(owner);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Beside each file of the page that gets smaller by it: the server sends these as they are. */
function compress(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.isFile() || !['.js', '.css', '.html', '.svg', '.json', '.txt'].includes(extname(path))) continue;
    const plain = readFileSync(path);
    if (plain.length < 1024) continue;
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    );
    writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
  }
}
