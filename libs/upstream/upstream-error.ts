/**
 * What went wrong with an outbound call:
 * - `timeout`: the whole call, body included, took longer than its deadline;
 * - `unreachable`: no connection, a broken one, or a URL that is not http(s);
 * - `status`: an answer whose status the caller did not ask for;
 * - `redirected`: a redirect that is not followed;
 * - `too_large`: more bytes, unpacked, than the caller allows;
 * - `malformed`: an answer that is not what it should be, or that ends early;
 * - `aborted`: the caller's own signal.
 */
export type UpstreamErrorKind =
  'timeout' | 'unreachable' | 'status' | 'redirected' | 'too_large' | 'malformed' | 'aborted';

interface UpstreamErrorDetails {
  readonly status?: number;
  /** Seconds the upstream asks to wait (`Retry-After`), 0 to 86,400. */
  readonly retryAfter?: number;
  /** In our own words. Never text of the answer, a URL or a header: they may hold secrets. */
  readonly detail?: string;
  readonly cause?: unknown;
}

const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** An outbound call that failed. The message names the upstream and the kind, and is safe to log. */
export class UpstreamError extends Error {
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;

  constructor(
    readonly kind: UpstreamErrorKind,
    /** The name the caller gave: `frankfurter`, `google`, a gateway route. */
    readonly upstream: string,
    details: UpstreamErrorDetails = {},
  ) {
    super(messageOf(kind, upstream, details), { cause: details.cause });
    this.name = 'UpstreamError';
    this.status = details.status;
    this.retryAfter = details.retryAfter;
  }

  /** Whether the same call may succeed later. A garbled answer counts: a CDN's error page passes. */
  get retryable(): boolean {
    switch (this.kind) {
      case 'timeout':
      case 'unreachable':
      case 'malformed':
        return true;
      case 'status':
        return this.status !== undefined && PASSING_STATUSES.has(this.status);
      case 'redirected':
      case 'too_large':
      case 'aborted':
        return false;
    }
  }
}

function messageOf(kind: UpstreamErrorKind, upstream: string, { status, detail }: UpstreamErrorDetails): string {
  const what = status === undefined ? kind : `${kind} ${status}`;
  return detail === undefined ? `${upstream}: ${what}` : `${upstream}: ${what}, ${detail}`;
}
