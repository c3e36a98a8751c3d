// Builds what is not built: the server (tsc) and the page (Vite), each when its sources are newer than its output.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './node-version.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const force = process.argv.includes('--force');

const parts = [
  {
    name: 'server',
    sources: ['src', 'libs', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    without: ['libs/web', 'libs/api-client'],
    command: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
  },
  {
    name: 'page',
    sources: ['libs/web', 'libs/api-client', 'package-lock.json'],
    without: [],
    command: ['node_modules/vite/bin/vite.js', 'build', '--config', 'libs/web/vite.config.ts', '--logLevel', 'warn'],
  },
];

for (const part of parts) {
  const stamp = join(root, 'dist', `.built-${part.name}`);
  if (!force && existsSync(stamp) && newest(part) <= statSync(stamp).mtimeMs) continue;
  const startedAt = new Date();
  console.error(`Building the ${part.name} …`);
  const [script, ...rest] = part.command;
  const { status } = spawnSync(process.execPath, [join(root, script), ...rest], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`The ${part.name} could not be built.`);
    process.exit(1);
  }
  writeFileSync(stamp, startedAt.toISOString());
}

function newest({ sources, without }) {
  const excluded = new Set(without.map((path) => join(root, path)));
  const visit = (path) => {
    if (excluded.has(path) || !existsSync(path)) return 0;
    const stat = statSync(path);
    if (!stat.isDirectory()) return stat.mtimeMs;
    return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => visit(join(path, name))));
  };
  return Math.max(...sources.map((path) => visit(join(root, path))));
}
