import { HttpException } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { isDatabaseAway } from '../database/database-away.js';
import { AppError, type ErrorKind, type FieldError } from '../errors/errors.js';

export const PROBLEM_JSON = 'application/problem+json';

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  not_acceptable: 406,
  conflict: 409,
  gone: 410,
  unsupported_media_type: 415,
  too_many: 429,
  upstream: 502,
  unavailable: 503,
};

const TITLES: Record<number, string> = {
  400: 'The request is not valid',
  401: 'Sign-in needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not available in an accepted media type',
  408: 'The request took too long',
  409: 'Not possible in the present state',
  410: 'No longer available',
  413: 'The request is too large',
  414: 'The address is too long',
  415: 'The media type is not supported',
  429: 'Too many requests',
  431: 'The headers are too large',
  500: 'Something went wrong on our side',
  502: 'A service we rely on answered badly',
  503: 'Not available at the moment',
};

const DATABASE_RETRY_SECONDS = 5;

/** Codes of errors that the framework raises itself. */
const FRAMEWORK_CODES: Record<number, string> = {
  400: 'invalid_request',
  401: 'not_signed_in',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  431: 'headers_too_large',
};

export class FieldProblem {
  @ApiProperty({ example: 'asOf' })
  field: string;
  @ApiProperty({ example: 'must be a date, YYYY-MM-DD' })
  message: string;
}

/** RFC 9457 problem details, the body of every error under /auth and /api. */
export class Problem {
  @ApiProperty({ example: 'urn:hackonomics:problem:currency_unknown' })
  type: string;
  @ApiProperty({ example: 'Not found' })
  title: string;
  @ApiProperty({ example: 404 })
  status: number;
  @ApiProperty({ example: 'currency_unknown', description: 'A stable word for programs' })
  code: string;
  @ApiProperty({ example: 'XYZ is no currency that we know.' })
  detail: string;
  @ApiProperty({ example: '0b6c1f5e-3c55-4a0e-8f43-6a4e1fd0a4c1' })
  requestId: string;
  @ApiProperty({ type: [FieldProblem], required: false })
  errors?: readonly FieldError[];
}

/** An error as its caller may see it, and whether it deserves a line in the error log. */
export interface DescribedError {
  readonly problem: Problem;
  readonly retryAfterSeconds?: number | undefined;
  /** True where the fault is ours: the cause belongs into the log. */
  readonly unexpected: boolean;
}

/** Turns anything thrown into what its caller may see. An unforeseen error tells nothing but its request id. */
export function describeError(error: unknown, requestId: string): DescribedError {
  if (error instanceof AppError) {
    const status = STATUS[error.kind];
    return {
      problem: problem(status, error.code, error.detail, requestId, error.errors),
      retryAfterSeconds: error.retryAfterSeconds,
      unexpected: false,
    };
  }
  if (isDatabaseAway(error)) {
    const detail = 'The database does not answer, or is too busy. Please try again in a few seconds.';
    return {
      problem: problem(503, 'database_unavailable', detail, requestId),
      retryAfterSeconds: DATABASE_RETRY_SECONDS,
      unexpected: false,
    };
  }
  const status = frameworkStatus(error);
  if (status === undefined) {
    return { problem: problem(500, 'internal', undefined, requestId), unexpected: true };
  }
  return { problem: refusal(status, requestId), unexpected: false };
}

/** A 4xx that is not ours but the framework's or the HTTP parser's, which knows of nothing but a status. */
export function refusal(status: number, requestId: string): Problem {
  return problem(status, FRAMEWORK_CODES[status] ?? 'refused', FRAMEWORK_DETAILS[status], requestId);
}

const FRAMEWORK_DETAILS: Record<number, string> = {
  400: 'The request could not be read: check its address and that its body is valid JSON.',
  404: 'There is nothing at this address.',
  408: 'The whole request did not arrive in time.',
  413: 'The body is larger than this address accepts.',
  431: 'The headers, with the address and cookies, are larger than this server accepts.',
};

/** 4xx raised by Nest or by Express and its body parser; their sentences are not repeated. */
function frameworkStatus(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus() < 500 ? error.getStatus() : undefined;
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, expose } = error as { status?: unknown; expose?: unknown };
  if (error instanceof URIError) return 400;
  return typeof status === 'number' && status >= 400 && status < 500 && expose !== false ? status : undefined;
}

function problem(
  status: number,
  code: string,
  detail: string | undefined,
  requestId: string,
  errors?: readonly FieldError[],
): Problem {
  const title = TITLES[status] ?? 'The request was refused';
  return {
    type: `urn:hackonomics:problem:${code}`,
    title,
    status,
    code,
    detail: detail ?? (status >= 500 ? 'Please try again; if it stays so, tell us the request id.' : `${title}.`),
    requestId,
    ...(errors === undefined ? {} : { errors }),
  };
}
