import { spawn, type ChildProcess } from 'node:child_process';
import { type Readable, type Writable } from 'node:stream';
import { SERVER_ENV, type ServerUser } from './server-user.js';

/**
 * The shell becomes the program (exec), after it has left a watcher behind, which waits on a pipe from this process. A
 * line on the pipe lets the watcher go. The pipe's end without one means that this process is dead, however it died: the
 * watcher stops the program, at first gently (for PostgreSQL SIGINT is the fast shutdown), after 30 s at once. A zombie
 * counts as stopped: in a container whose first process reaps nobody it would stay for ever. The watcher is a grandchild,
 * since PostgreSQL takes the unexpected death of any child of its own for a crash.
 */
const GUARD = `
(
  (
    if IFS= read -r _ <&3; then exit 0; fi
    kill -INT $$ || exit 0
    waited=0
    while kill -0 $$; do
      if IFS= read -r stat </proc/$$/stat; then case $stat in *') Z '*) exit 0 ;; esac; fi
      if [ $waited -ge 30 ]; then kill -QUIT $$; exit 0; fi
      sleep 1
      waited=$((waited + 1))
    done
  ) >/dev/null 2>&1 &
)
exec "$@" 3<&-
`;

const LINGER_MS = 2000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program of PostgreSQL's that this process owns and that does not outlive it. */
export interface GuardedProcess {
  readonly pid: number;
  readonly exit: Promise<Exit>;
  readonly ended: () => boolean;
  signal(signal: NodeJS.Signals): void;
  /** Lets this process end by itself while the program runs (the watcher then stops the program), or not any more. */
  holdEventLoop(hold: boolean): void;
}

export interface GuardedProcessOptions {
  readonly user: ServerUser | undefined;
  /** Gets what the program writes to stdout and stderr. */
  readonly onOutput: (chunk: Buffer) => void;
}

/** Starts a program in a session of its own, so that Ctrl-C at our terminal does not reach it. */
export async function spawnGuarded(
  program: string,
  args: readonly string[],
  options: GuardedProcessOptions,
): Promise<GuardedProcess> {
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', program, ...args], {
    cwd: '/',
    detached: true,
    env: SERVER_ENV,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...options.user,
  });
  const exit = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    // Its output is complete at `close`, which a child of its own that lingers could put off for ever.
    child.once('exit', (code, signal) => setTimeout(() => resolve({ code, signal }), LINGER_MS).unref());
  });
  const guard = child.stdio[3] as Writable;
  // The watcher may be gone before we take leave of it; then there is nothing to tell it.
  guard.on('error', () => undefined);
  child.once('exit', () => guard.end('done\n'));
  for (const output of outputs(child)) output.on('data', options.onOutput);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.on('error', reject);
  });
  return {
    pid: child.pid ?? 0,
    exit,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    signal: (signal) => void child.kill(signal),
    holdEventLoop: (hold) => holdEventLoop(child, hold),
  };
}

function outputs(child: ChildProcess): Readable[] {
  return [child.stdout, child.stderr].filter((stream) => stream !== null);
}

function holdEventLoop(child: ChildProcess, hold: boolean): void {
  // Pipes to a child are sockets in Node, whatever their declared type says.
  for (const handle of [child, ...(child.stdio as (ChildProcess | { ref(): void; unref(): void } | null)[])]) {
    if (hold) handle?.ref();
    else handle?.unref();
  }
}
