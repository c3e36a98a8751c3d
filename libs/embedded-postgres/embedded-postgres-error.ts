/** Stable words for what can go wrong; tests and callers tell failures apart by them, people read the message. */
export type EmbeddedPostgresErrorCode =
  | 'platform_unsupported'
  | 'binaries_missing'
  | 'binaries_unusable'
  | 'server_user_unavailable'
  | 'data_dir_unreachable'
  | 'data_dir_not_writable'
  | 'data_dir_not_a_folder'
  | 'data_dir_in_use'
  | 'data_dir_foreign'
  | 'data_dir_other_major'
  | 'disk_full'
  | 'init_failed'
  | 'start_failed'
  | 'server_ended';

/** The message is one line for a person, with the way out; `code` is stable; `cause` is the technical reason, if any. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);
const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS']);
const NOT_A_FOLDER = new Set(['ENOTDIR', 'EEXIST']);

/** The system's word for what failed, such as ENOENT. By shape: Node's own errors may be of another realm (Jest). */
function errnoOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

export function isErrno(error: unknown, ...codes: string[]): boolean {
  return codes.includes(errnoOf(error));
}

/** A failure of the file system at `dataDir` in words; anything that is not one comes back as it is. */
export function describeFileError(error: unknown, dataDir: string): unknown {
  if (error instanceof EmbeddedPostgresError) return error;
  const code = errnoOf(error);
  if (NO_SPACE.has(code)) return diskFull(dataDir, error);
  if (NOT_WRITABLE.has(code)) return notWritable(dataDir, code, error);
  if (NOT_A_FOLDER.has(code)) {
    return new EmbeddedPostgresError(
      'data_dir_not_a_folder',
      `The data folder ${dataDir} cannot be made, because a file is in its way: move the file, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
  return error;
}

export function notWritable(dataDir: string, why: string, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data_dir_not_writable',
    `The data folder ${dataDir} cannot be written (${why}): make it writable for this user, or set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL of your own.`,
    { cause },
  );
}

/** How PostgreSQL says it; the last where only a part of a page fitted. */
export const DISK_FULL = /No space left on device|Disk quota exceeded|wrote only \d+ of \d+ bytes/;

export function diskFull(dataDir: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'disk_full',
    `The disk that holds ${dataDir} is full: free some space (a new database takes about 50 MB), or set DATA_DIR to a folder on another disk.`,
    { cause },
  );
}
