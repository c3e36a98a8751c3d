import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { isErrno } from './embedded-postgres-error.js';
import { type EmbeddedPostgresOptions } from './embedded-postgres.js';

/** A folder for one spec, with a blank and a letter beyond ASCII in its name, that the server's user can reach. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'embedded ü ')));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10 }) };
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

export type Answer = Record<string, unknown>;

/** Starts owner-process.mjs: `answer` is what it said first. */
export function spawnOwner(options: EmbeddedPostgresOptions): { child: ChildProcess; answer: Promise<Answer> } {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'owner-process.mjs');
  const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('stdout is a pipe');
  const lines = createInterface({ input: child.stdout });
  const answer = Promise.race([
    once(lines, 'line').then(([line]) => JSON.parse(String(line)) as Answer),
    once(child, 'exit')
      .then(() => once(lines, 'close'))
      .then((): Answer => ({ code: 'silent' })),
  ]);
  return { child, answer };
}

/** Processes that have that text among their arguments (Linux only). */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(text))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH', 'EACCES')) return '';
    throw error;
  }
}
