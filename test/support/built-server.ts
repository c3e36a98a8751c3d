import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export interface BuiltServer {
  readonly process: ChildProcess;
  /** Everything written so far, stdout and stderr. */
  output(): string;
  stdout(): string;
  /** Resolves with the exit status, or null where a signal ended it. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, then the exit status. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** The built server as a process of its own, with exactly this environment; `ownGroup`: as a terminal would start it. */
export function spawnBuiltServer(
  env: Readonly<Record<string, string>>,
  cwd = ROOT,
  { ownGroup = false } = {},
): BuiltServer {
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
    cwd,
    detached: ownGroup,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    process: child,
    output: () => output,
    stdout: () => stdout,
    exited,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

/** Resolves once the last line of the banner is there; rejects with the output when the process ends before. */
export function ready(server: BuiltServer): Promise<void> {
  const line = /^Hackonomics (worker )?is ready/m;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (line.test(server.output())) resolve();
    };
    server.process.stdout?.on('data', look);
    void server.exited.then((code) => reject(new Error(`ended with ${code} before it was ready:\n${server.output()}`)));
    look();
  });
}
