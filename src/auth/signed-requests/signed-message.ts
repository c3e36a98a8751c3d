import type { Request } from 'express';
import { refusal } from './refusal.js';

/** What of a request can be signed, as its sender sees it. */
export interface SignedMessage {
  readonly method: string;
  /** Absolute: our public address and what stood in the request line, character by character. */
  readonly targetUri: string;
  /** The values of a header field in the order of their lines. */
  readonly field: (lowerCaseName: string) => readonly string[];
}

/**
 * Neither `Host` nor anything that a proxy forwards says where a request was sent: `publicUrl` does, so that what was
 * signed for another address is of no use here.
 */
export function messageOf(request: Request, publicUrl: string): SignedMessage {
  if (!request.originalUrl.startsWith('/'))
    throw refusal('Send a signed request with path and query alone in its request line.');
  const { rawHeaders } = request;
  return {
    method: request.method,
    targetUri: `${publicUrl}${request.originalUrl}`,
    // Of some fields `request.headers` keeps the first line only; here every line counts.
    field: (name) => rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name),
  };
}
