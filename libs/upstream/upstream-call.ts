/** What is sent. `form` is urlencoded, `json` is serialised; either sets the content type. */
export type UpstreamBody =
  | { readonly json: unknown }
  | { readonly form: Readonly<Record<string, string>> }
  | { readonly bytes: Buffer; readonly type: string };

export interface UpstreamCall {
  /** The name for errors, logs and, later, the breaker and bulkhead of this upstream. */
  readonly upstream: string;
  /** Absolute http(s) URL. */
  readonly url: string;
  /** `GET` by default. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: UpstreamBody;
  /** Milliseconds for everything: name look-up, connection, redirects, headers and the whole body. */
  readonly deadlineMs: number;
  /** Bytes of the body after decompression; the call is cut off when they are passed. */
  readonly maxBytes: number;
  /** The caller's own end, such as a client that hung up. */
  readonly signal?: AbortSignal;
  /** Statuses that count as an answer; 200 to 299 by default. Any other is an error `status`. */
  readonly okStatuses?: readonly number[];
  /** Redirects to follow, for GET and HEAD, within one origin or from http to https of one host. 0 by default. */
  readonly maxRedirects?: number;
  /**
   * Refuse a body whose end nobody can tell from a broken connection (no Content-Length, no chunks, not compressed).
   * For formats that do not show their own end. Always on for `lines`.
   */
  readonly requireLength?: boolean;
}

export interface UpstreamAnswer<T> {
  readonly status: number;
  /** By lower-case name; repeated ones joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: T;
}
