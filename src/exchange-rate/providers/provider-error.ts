/**
 * - `malformed`: what came is not what this source publishes; asking again at once will not help;
 * - `unavailable`: perhaps passing, to be tried again.
 */
export type ProviderErrorKind = 'malformed' | 'unavailable';

/** A source of rates that can't be read. Failures of the transport are UpstreamErrors and pass as they are. */
export class ProviderError extends Error {
  constructor(
    readonly provider: string,
    readonly kind: ProviderErrorKind,
    /** In our own words, with the date and quote concerned; foreign text only through {@link shown}. */
    readonly detail: string,
    options: { cause?: unknown } = {},
  ) {
    super(`${provider}: ${kind}, ${detail}`, options);
    this.name = 'ProviderError';
  }

  get retryable(): boolean {
    return this.kind === 'unavailable';
  }
}

/** Foreign text for a message: short, on one line, printable. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.slice(0, 24).replace(/[^\x20-\x7e]/g, '?');
}
