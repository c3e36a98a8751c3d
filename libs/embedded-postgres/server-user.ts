import { spawnSync } from 'node:child_process';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** Whom the server runs as. PostgreSQL refuses root, so a start as root takes another user. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'hackonomics';

/** useradd is everywhere but on Debian's smallest images (adduser) and busybox (addgroup and adduser). */
const WAYS_TO_CREATE: readonly (readonly (readonly string[])[])[] = [
  [
    [
      'useradd',
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/bin/false',
      NAME,
    ],
  ],
  [
    [
      'useradd',
      '--system',
      '--gid',
      NAME,
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/bin/false',
      NAME,
    ],
  ],
  [['adduser', '--system', '--group', '--no-create-home', '--home', '/nonexistent', '--shell', '/bin/false', NAME]],
  [
    ['addgroup', '-S', NAME],
    ['adduser', '-S', '-D', '-H', '-h', '/nonexistent', '-s', '/bin/false', '-G', NAME, NAME],
  ],
];

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The system user `hackonomics`, created where it is missing. Needs root. */
export function ensureServerUser(): ServerUser {
  const existing = findUser();
  if (existing) return existing;
  let reason = '';
  for (const way of WAYS_TO_CREATE) {
    for (const [program, ...args] of way) {
      const result = spawnSync(program ?? '', args, { encoding: 'utf8', env: systemEnv() });
      reason = result.error?.message ?? result.stderr.trim();
    }
    // Looked up, not judged by exit status: another start may have created it a moment before.
    const created = findUser();
    if (created) return created;
  }
  throw unavailable(`it could not be created (${reason})`);
}

function findUser(): ServerUser | undefined {
  const [uid, gid] = [id('-u'), id('-g')];
  if (uid === undefined || gid === undefined) return undefined;
  if (uid === 0) throw unavailable('its user id is 0');
  return { uid, gid };
}

function id(flag: '-u' | '-g'): number | undefined {
  const result = spawnSync('id', [flag, NAME], { encoding: 'utf8', env: systemEnv() });
  if (result.error) throw unavailable(result.error.message);
  return result.status === 0 ? Number(result.stdout) : undefined;
}

/** sbin is missing from the path of many a container and of cron. */
function systemEnv(): NodeJS.ProcessEnv {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' };
}

function unavailable(why: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'server_user_unavailable',
    `PostgreSQL does not run as root, and the system user ${NAME} cannot be used instead: ${why}. Start as a normal user, create that user, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

/** What the programs of PostgreSQL see: nothing of ours, since PGPORT or LD_LIBRARY_PATH would lead them astray. */
export const SERVER_ENV: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  /** The last line of what went wrong. */
  readonly reason: string;
}

/**
 * Runs a line of shell as the server's user, so that access is tested and not guessed from mode bits (ACLs, mounts and
 * security modules have their say too). `args` are `$1`, `$2`, …
 */
export function shellAs(user: ServerUser | undefined, script: string, ...args: string[]): Outcome {
  const result = spawnSync('/bin/sh', ['-c', script, 'sh', ...args], {
    encoding: 'utf8',
    env: SERVER_ENV,
    // The current folder may be closed to that user.
    cwd: '/',
    timeout: 20_000,
    ...user,
  });
  if (result.error && user)
    throw unavailable(`running a program as user id ${user.uid} failed (${result.error.message})`);
  if (result.error) throw result.error;
  const reason = result.stderr.trim().split('\n').pop() ?? '';
  return {
    ok: result.status === 0,
    stdout: result.stdout,
    reason: reason || `exit status ${result.status ?? result.signal ?? ''}`,
  };
}
