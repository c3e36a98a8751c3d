import { createHash } from 'node:crypto';
import { json, type NextFunction, type Request, type Response } from 'express';

const NOTHING = createHash('sha256').digest();
const digests = new WeakMap<Request, Buffer>();

/**
 * Parses JSON bodies of up to `maxBytes`. Of a body that comes with a `Content-Digest` the SHA-256 is kept, taken over
 * the bytes as they were sent: before any content coding is undone, as RFC 9530 has it.
 */
export function jsonBody(maxBytes: number): (request: Request, response: Response, next: NextFunction) => void {
  const parse = json({ limit: maxBytes });
  return (request, response, next) => {
    // Only where the parser is about to read, in this same turn: a listener for data sets the body flowing.
    if (request.headers['content-digest'] !== undefined && Boolean(request.is('application/json')))
      digestWhileRead(request, maxBytes);
    parse(request, response, next);
  };
}

/** SHA-256 of the body as it was sent. Undefined where it was not read here: no JSON, too long, without `Content-Digest`. */
export function bodyDigest(request: Request): Buffer | undefined {
  return hasBody(request) ? digests.get(request) : NOTHING;
}

export function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function digestWhileRead(request: Request, maxBytes: number): void {
  const hash = createHash('sha256');
  let bytes = 0;
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) hash.update(chunk);
    else request.off('data', take).off('end', keep);
  };
  const keep = () => void digests.set(request, hash.digest());
  request.on('data', take).once('end', keep);
}
