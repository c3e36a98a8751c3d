import type { Request, Response } from 'express';
import { chosenCoding } from './content-coding.js';
import type { ReadyBody } from './ready-body.js';

/**
 * Sends a body that is ready, in the coding that the caller likes best, or 304 where the caller has it: without what
 * Express does for each answer. The headers given go with either.
 */
export async function sendReady(
  request: Request,
  response: Response,
  body: ReadyBody,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const coding = chosenCoding(request.headers['accept-encoding']);
  const etag = body.etagIn(coding);
  const isKnown = names(request.headers['if-none-match'], etag);
  // Before any header is written: where the compression fails, the answer is a problem.
  const bytes = isKnown ? undefined : await body.bytesIn(coding);
  for (const name in headers) response.setHeader(name, headers[name] ?? '');
  response.vary('Accept-Encoding');
  response.setHeader('ETag', etag);
  if (bytes === undefined) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('Content-Type', body.type);
  if (coding !== undefined) response.setHeader('Content-Encoding', coding);
  response.setHeader('Content-Length', bytes.length);
  // To HEAD, Node sends the headers alone.
  response.end(bytes);
}

/** Whether an `If-None-Match` names this tag, by the weak comparison that it asks for. Source: RFC 9110, 13.1.2. */
function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header.trim() === '*') return true;
  // Our tags have no commas in them; in a list of others it does not matter where they are cut.
  return header.split(',').some((part) => part.trim().replace(/^W\//, '') === etag);
}
