import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NextFunction, Request, Response } from 'express';
import { Invalid } from '../errors/errors.js';
import { PROBLEM_JSON, refusal } from './problem.js';
import { requestId } from './request-id.js';

/** Headers are small, so that they arrive soon or never. Bodies may be long imports over slow lines. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 300_000;
/** The caller may still be sending: cut off at once, it would lose the answer. */
const LINGER_MS = 2_000;

/** What Node's HTTP parser and its watch over slow callers say; everything else is a connection that broke. */
function statusOf(code: string | undefined): number | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return code?.startsWith('HPE_') === true ? 400 : undefined;
  }
}

/** Answers what never becomes a request, as problem details like everything else, and closes the connection. */
export function answerBrokenRequests(server: Server): void {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  // Their bytes are limited. By number, Node would drop the last ones silently: those that a proxy adds to be believed.
  server.maxHeadersCount = 0;
  // Refused by us instead of by an empty answer of Node's: see requireHost.
  (server as { requireHostHeader?: boolean }).requireHostHeader = false;
  // Expectations that nobody knows may be ignored (RFC 9110, 10.1.1); Node's refusal of them is empty, too.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));

  const latest = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', (request, response) => latest.set(request.socket, response));
  const seen = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Whatever follows a broken part is broken too.
    if (seen.has(socket)) return;
    seen.add(socket);
    const status = statusOf(error.code);
    const open = latest.get(socket);
    if (status === undefined || !socket.writable) socket.destroy();
    else if (open === undefined || open.writableFinished) refuse(socket, status, randomUUID());
    // A whole request came before the broken one: the caller takes the first answer for the first request.
    else if (open.req.complete) open.once('finish', () => refuse(socket, status, randomUUID()));
    else if (!open.headersSent) refuse(socket, status, requestId(open) || randomUUID());
    else socket.destroy();
  });
}

function refuse(socket: Duplex, status: number, id: string): void {
  if (!socket.writable) return;
  const body = JSON.stringify(refusal(status, id));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Date: ${new Date().toUTCString()}`,
    `X-Request-Id: ${id}`,
    `Content-Type: ${PROBLEM_JSON}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(cut));
}

/** RFC 9112, 3.2: a request of HTTP/1.1 without Host is refused. */
export function requireHost(request: Request, response: Response, next: NextFunction): void {
  if (request.httpVersion !== '1.1' || request.headers.host !== undefined) return next();
  response.setHeader('Connection', 'close');
  next(new Invalid('invalid_request', { detail: 'The request has no Host header.' }));
}
