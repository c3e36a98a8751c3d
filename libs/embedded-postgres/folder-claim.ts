import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError, isErrno } from './embedded-postgres-error.js';
import { processIdentity } from './process-identity.js';

/**
 * Who owns a data folder. `lock/` holds numbered records, the highest of which counts; its owner is the process it
 * names, for as long as that very process lives. A claim is a new record one higher, published whole by link(2), which
 * fails where the number is taken: of two claims at the same moment one wins. The highest record is never deleted, only
 * marked as released by its owner, so that a slow claimant cannot reuse a number behind the others' back.
 */
interface OwnerRecord {
  readonly pid: number;
  /** See processIdentity: a later process with the same pid is not the owner. */
  readonly identity: string;
  /** When the claim was made, RFC 3339. */
  readonly since: string;
  readonly released: boolean;
}

export interface FolderClaim {
  /** The last owner ended without releasing the folder. */
  readonly predecessorDied: boolean;
  /** Gives the folder back. Idempotent. */
  release(): void;
}

const ATTEMPTS = 50;

/** Takes the folder for this process. Throws `data_dir_in_use` where a living process has it. */
export function claimFolder(dataDir: string): FolderClaim {
  const lockDir = join(dataDir, 'lock');
  mkdirSync(lockDir, { recursive: true, mode: 0o755 });
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const last = highestNumber(lockDir);
    const predecessor = readRecord(lockDir, last);
    if (predecessor && isAlive(predecessor)) throw inUse(dataDir, predecessor);

    const mine = last + 1;
    const record = ownRecord();
    if (!publish(lockDir, mine, record)) continue;
    if (highestNumber(lockDir) !== mine) {
      // Others claimed and went on while this process was held up: theirs count.
      rmSync(join(lockDir, String(mine)), { force: true });
      continue;
    }
    removeOlder(lockDir, mine);
    return claim(lockDir, mine, record, last > 0 && predecessor?.released !== true);
  }
  throw new EmbeddedPostgresError(
    'data_dir_in_use',
    `The data folder ${dataDir} is being claimed by other starts over and over: stop them, or give this start its own DATA_DIR and PORT.`,
  );
}

function claim(lockDir: string, number: number, record: OwnerRecord, predecessorDied: boolean): FolderClaim {
  let released = false;
  return {
    predecessorDied,
    release() {
      if (released) return;
      released = true;
      const draft = writeDraft(lockDir, { ...record, released: true });
      renameSync(draft, join(lockDir, String(number)));
    },
  };
}

function ownRecord(): OwnerRecord {
  const identity = processIdentity(process.pid) ?? '';
  return { pid: process.pid, identity, since: new Date().toISOString(), released: false };
}

function isAlive(record: OwnerRecord): boolean {
  return !record.released && processIdentity(record.pid) === record.identity;
}

function highestNumber(lockDir: string): number {
  return Math.max(0, ...recordNumbers(lockDir));
}

function recordNumbers(lockDir: string): number[] {
  return readdirSync(lockDir)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Undefined where there is none, or where a power cut left it unreadable: links are made of whole records only. */
function readRecord(lockDir: string, number: number): OwnerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(lockDir, String(number)), 'utf8')) as OwnerRecord;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** False where another claim has the number, or tidied our draft away because it had won already. */
function publish(lockDir: string, number: number, record: OwnerRecord): boolean {
  const draft = writeDraft(lockDir, record);
  try {
    linkSync(draft, join(lockDir, String(number)));
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST', 'ENOENT')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDraft(lockDir: string, record: OwnerRecord): string {
  const draft = join(lockDir, `.draft-${randomBytes(6).toString('hex')}`);
  writeFileSync(draft, JSON.stringify(record), { mode: 0o644 });
  return draft;
}

function removeOlder(lockDir: string, mine: number): void {
  for (const name of readdirSync(lockDir)) {
    if (name.startsWith('.draft-') || (/^\d+$/.test(name) && Number(name) < mine)) {
      try {
        unlinkSync(join(lockDir, name));
      } catch (error) {
        // Its writer took it away itself.
        if (!isErrno(error, 'ENOENT')) throw error;
      }
    }
  }
}

function inUse(dataDir: string, owner: OwnerRecord): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data_dir_in_use',
    `The data folder ${dataDir} is in use by process ${owner.pid} (since ${owner.since}): stop that process, or give this start its own DATA_DIR and PORT.`,
  );
}
