/** What went wrong, in terms that hold for every transport; `problem.filter.ts` turns a kind into a status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'not_acceptable'
  | 'conflict'
  | 'gone'
  | 'unsupported_media_type'
  | 'too_many'
  | 'upstream'
  | 'unavailable';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** For the caller, in our own words: what happened and what to do. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  /** For the log alone; never shown. */
  readonly cause?: unknown;
}

/** An error that a caller may see: a kind, a stable snake_case code and a hidden cause. */
export abstract class AppError extends Error {
  abstract readonly kind: ErrorKind;
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: string,
    details: ErrorDetails = {},
  ) {
    super(code, { cause: details.cause });
    this.name = new.target.name;
    this.detail = details.detail;
    this.errors = details.errors;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

export class Invalid extends AppError {
  readonly kind = 'invalid';

  /** The request is refused because of one field. */
  static field(field: string, message: string): Invalid {
    return new Invalid('invalid_request', { detail: `${field}: ${message}`, errors: [{ field, message }] });
  }
}

export class Unauthenticated extends AppError {
  readonly kind = 'unauthenticated';
}

export class Forbidden extends AppError {
  readonly kind = 'forbidden';
}

export class NotFound extends AppError {
  readonly kind = 'not_found';
}

export class NotAcceptable extends AppError {
  readonly kind = 'not_acceptable';
}

export class Conflict extends AppError {
  readonly kind = 'conflict';
}

export class Gone extends AppError {
  readonly kind = 'gone';
}

export class UnsupportedMediaType extends AppError {
  readonly kind = 'unsupported_media_type';
}

export class TooMany extends AppError {
  readonly kind = 'too_many';
}

export class UpstreamFailed extends AppError {
  readonly kind = 'upstream';
}

export class Unavailable extends AppError {
  readonly kind = 'unavailable';
}
