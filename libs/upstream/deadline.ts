import { UpstreamError } from './upstream-error.js';

/**
 * One end for a whole call: the deadline or the caller's signal, whichever comes first. It must be closed, so that
 * neither a timer nor a listener on a long-lived signal outlasts the call.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#controller.abort(new UpstreamError('aborted', this.upstream));

  constructor(
    private readonly upstream: string,
    milliseconds: number,
    private readonly callerSignal: AbortSignal | undefined,
  ) {
    this.#timer = setTimeout(() => {
      this.#controller.abort(
        new UpstreamError('timeout', upstream, { detail: `no whole answer in ${milliseconds} ms` }),
      );
    }, milliseconds);
    if (callerSignal?.aborted) this.#onAbort();
    else callerSignal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The `timeout` or `aborted` error when the end has come, else undefined. */
  get error(): UpstreamError | undefined {
    return this.signal.aborted ? (this.signal.reason as UpstreamError) : undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.callerSignal?.removeEventListener('abort', this.#onAbort);
  }
}
