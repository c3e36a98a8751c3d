// npm run check: types, architecture rules, dead code, generated files and migrations up to date.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const failed = [];

check('types of the server', () => node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'));
check('types of the page', () => node('node_modules/typescript/bin/tsc', '-p', 'libs/web/tsconfig.json'));
check('build', () => node('.config/build.mjs'));
check('architecture rules', () =>
  node(
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    'src',
    'libs',
    'test',
    '--config',
    '.config/dependency-cruiser.cjs',
    '--output-type',
    'err',
  ),
);
check('dead code', () => node('node_modules/knip/bin/knip.js', '--config', '.config/knip.json', '--no-progress'));
check('OpenAPI document and client', generatedFiles);
check('migrations', () => node('.config/check-migrations.mjs'));

if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exit(1);
}

/** Generates both anew and compares them with what is committed. */
function generatedFiles() {
  const client = join(root, 'libs', 'api-client');
  const before = mkdtempSync(join(tmpdir(), 'hackonomics-api-client-'));
  try {
    cpSync(client, before, { recursive: true });
    if (!node('.config/openapi.mjs') || !node('.config/generate-client.mjs')) return false;
    const changed = differences(before, client);
    if (changed.length > 0) console.error(`Not up to date, generated anew; commit them: ${changed.join(', ')}`);
    return changed.length === 0;
  } finally {
    rmSync(before, { recursive: true, force: true });
  }
}

function differences(before, after) {
  const files = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const read = (folder, file) => readFileSync(join(folder, file), 'utf8');
  const [old, now] = [new Set(files(before)), new Set(files(after))];
  return [...new Set([...old, ...now])].filter(
    (file) => !old.has(file) || !now.has(file) || read(before, file) !== read(after, file),
  );
}

function node(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function check(name, run) {
  const startedAt = Date.now();
  const good = run();
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  if (!good) failed.push(name);
}
