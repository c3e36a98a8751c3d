import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { binariesInPlace, copiedBinaries, findPackage, type Binaries } from './binaries.js';
import { clusterFolder, clusterOwner } from './cluster.js';
import { describeFileError, EmbeddedPostgresError, isErrno, notWritable } from './embedded-postgres-error.js';
import { ensureServerUser, isRoot, shellAs, type ServerUser } from './server-user.js';

/** Where a start puts things, and whom the server runs as. */
export interface Placement {
  /** Absolute, without symbolic links; exists. */
  readonly dataDir: string;
  /** Undefined: as this process. */
  readonly user: ServerUser | undefined;
  readonly binaries: Binaries;
}

export interface PlacementRequest {
  readonly dataDir: string;
  readonly explicit: boolean;
  readonly fallbackRoot: string;
}

export async function place(request: PlacementRequest): Promise<Placement> {
  const asked = { ...request, dataDir: resolve(request.dataDir) };
  return isRoot() ? placeAsRoot(asked) : placeAsUser(asked.dataDir);
}

async function placeAsUser(asked: string): Promise<Placement> {
  const source = findPackage();
  const dataDir = makeDataDir(asked, 0o700);
  const owner = clusterOwner(dataDir);
  if (owner && owner.uid !== process.getuid?.()) throw foreignCluster(dataDir, `user id ${owner.uid}`);
  const binaries =
    binariesInPlace(source, undefined) ?? (await copiedBinaries(source, undefined, join(dataDir, 'binaries')));
  return { dataDir, user: undefined, binaries };
}

/**
 * As root the server runs as another user: the one that owns the data, `hackonomics` for new data. Data stay where they
 * are found; new ones go to a folder below `fallbackRoot` where that user can't reach the folder or the binaries.
 */
async function placeAsRoot(request: PlacementRequest): Promise<Placement> {
  const source = findPackage();
  const copies = join(request.fallbackRoot, 'binaries');
  const fallback = join(request.fallbackRoot, fallbackName(request.dataDir));

  const settle = async (folder: string, user: ServerUser): Promise<Placement> => {
    // Asked before anything is made, and again of what was made.
    if (!reachable(nearestExisting(folder), user)) throw unreachable(folder, user);
    const dataDir = makeDataDir(folder, 0o711);
    if (!reachable(dataDir, user)) throw unreachable(dataDir, user);
    const inPlace = binariesInPlace(source, user);
    if (inPlace) return { dataDir, user, binaries: inPlace };
    makeDataDir(request.fallbackRoot, 0o755);
    try {
      return { dataDir, user, binaries: await copiedBinaries(source, user, copies) };
    } catch (error) {
      throw describeFileError(error, copies);
    }
  };

  const askedOwner = ownerBesidesRoot(request.dataDir);
  if (askedOwner) return settle(request.dataDir, askedOwner);
  if (request.explicit) return settle(request.dataDir, ensureServerUser());
  const fallbackOwner = ownerBesidesRoot(fallback);
  if (fallbackOwner) return settle(fallback, fallbackOwner);

  const user = ensureServerUser();
  const asked = usable(request.dataDir, user) && binariesInPlace(source, user) !== undefined;
  if (!asked) makeDataDir(request.fallbackRoot, 0o755);
  return settle(asked ? request.dataDir : fallback, user);
}

function ownerBesidesRoot(dataDir: string): ServerUser | undefined {
  const owner = clusterOwner(dataDir);
  if (owner?.uid === 0) throw foreignCluster(dataDir, 'root, as which PostgreSQL refuses to run');
  return owner;
}

/** Readable and its own for each checkout: `checkout-1a2b3c4d5e`. */
function fallbackName(asked: string): string {
  const project = basename(dirname(asked))
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .slice(0, 40);
  return `${project || 'data'}-${createHash('sha256').update(asked).digest('hex').slice(0, 10)}`;
}

/** Whether root can write there (a read-only mount, a network share) and that user gets there. */
function usable(folder: string, user: ServerUser): boolean {
  const present = nearestExisting(folder);
  try {
    accessSync(present, constants.W_OK);
  } catch (error) {
    if (isErrno(error, 'EACCES', 'EROFS', 'EPERM')) return false;
    throw error;
  }
  return reachable(present, user);
}

function reachable(folder: string, user: ServerUser): boolean {
  return shellAs(user, 'cd -- "$1"', folder).ok;
}

function nearestExisting(folder: string): string {
  return isFolder(folder) ? folder : nearestExisting(dirname(folder));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    if (isErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}

/** Makes what is missing of the path, with that mode whatever the umask; what is there keeps its mode. */
function makeDataDir(path: string, mode: number): string {
  try {
    const firstMade = mkdirSync(path, { recursive: true, mode });
    for (let made = path; firstMade !== undefined; made = dirname(made)) {
      chmodSync(made, mode);
      if (made === resolve(firstMade)) break;
    }
    accessSync(path, constants.W_OK | constants.X_OK);
    return realpathSync(path);
  } catch (error) {
    // Node's recursive mkdir says ENOENT where the file system is read-only.
    if (isErrno(error, 'ENOENT')) throw notWritable(path, 'it cannot be made', error);
    throw describeFileError(error, path);
  }
}

function unreachable(dataDir: string, user: ServerUser): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data_dir_unreachable',
    `The data folder ${dataDir} cannot be reached by the database's own system user (user id ${user.uid}), since a folder above it is closed to others: set DATA_DIR to a folder that it can reach, or start as a normal user, or set DATABASE_URL.`,
  );
}

function foreignCluster(dataDir: string, owner: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data_dir_foreign',
    `The database in ${clusterFolder(dataDir)} belongs to ${owner}: start as the user that it belongs to, or set DATA_DIR to another folder.`,
  );
}
