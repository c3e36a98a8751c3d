import { type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a handler answers; it is sent as it is unless a fault is ordered. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** A way to answer badly. */
export type Fault =
  /** The real answer, but only after that time. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Silence: nothing at all, or headers and then a body that never comes. */
  | { readonly kind: 'hang'; readonly after?: 'nothing' | 'headers' }
  /** Any status with any body (objects as JSON). */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string | object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A page of HTML where JSON is expected, as a CDN serves it: with 200 unless told otherwise. */
  | { readonly kind: 'html'; readonly status?: number }
  /**
   * The first half of the real answer. `connection`: less than its content-length announced, then the connection
   * closes. `clean`: a complete transfer of half the text, which only a parser can notice.
   */
  | { readonly kind: 'half'; readonly cut?: 'connection' | 'clean' }
  /** The connection is closed without a byte. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: 301 | 302 | 303 | 307 | 308 }
  /** A body of 100 MB, or as told, without a content-length; it begins like JSON and never closes its text. */
  | { readonly kind: 'endless'; readonly bytes?: number }
  /** The real answer in small pieces with a pause before each. */
  | { readonly kind: 'drip'; readonly everyMs: number; readonly pieceBytes?: number };

export interface PlanOrder {
  /** Tested against `METHOD /path?query`; without one every request is meant. */
  readonly match?: RegExp;
  /** How often; without one until cleared. */
  readonly times?: number;
  readonly fault: Fault;
}

/** An order that was placed. Earlier orders go first; one that is used up makes way for the next. */
export class Plan {
  /** Requests that got this fault. */
  hits = 0;
  /** Body bytes handed to the connection under this plan: tells whether a client stopped reading an endless body. */
  bytesSent = 0;
  private cleared = false;

  constructor(readonly order: PlanOrder) {}

  clear(): void {
    this.cleared = true;
  }

  takes(request: string): boolean {
    const { match, times = Infinity } = this.order;
    if (this.cleared || this.hits >= times || (match && request.search(match) === -1)) return false;
    this.hits += 1;
    return true;
  }
}

const HTML_PAGE = '<!DOCTYPE html><html><head><title>One moment</title></head><body><h1>Bad gateway</h1></body></html>';
const ENDLESS_BYTES = 100 * 1024 * 1024;

/** Sends the answer, spoilt as the plan says. `closing` ends all waiting; it rejects with its reason then. */
export async function sendSpoilt(
  response: ServerResponse,
  answer: Answer,
  plan: Plan,
  closing: AbortSignal,
): Promise<void> {
  const { fault } = plan.order;
  const body = Buffer.from(answer.body ?? '');
  switch (fault.kind) {
    case 'delay':
      await sleep(fault.ms, undefined, { signal: closing });
      send(response, answer);
      return;
    case 'hang':
      if (fault.after === 'headers') {
        response.writeHead(answer.status, { ...answer.headers, 'content-length': Math.max(body.length, 1) });
        response.flushHeaders();
      }
      return;
    case 'status':
      send(response, statusAnswer(fault));
      return;
    case 'html':
      send(response, {
        status: fault.status ?? 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: HTML_PAGE,
      });
      return;
    case 'half':
      await sendHalf(response, answer, body, fault.cut ?? 'connection');
      return;
    case 'drop':
      response.destroy();
      return;
    case 'redirect':
      send(response, { status: fault.status ?? 302, headers: { location: fault.to } });
      return;
    case 'endless':
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      await write(response, plan, endlessPieces(fault.bytes ?? ENDLESS_BYTES));
      return;
    case 'drip':
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      response.flushHeaders();
      await write(response, plan, piecesOf(body, fault.pieceBytes ?? 16), () =>
        sleep(fault.everyMs, undefined, { signal: closing }),
      );
  }
}

export function send(response: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body ?? '');
  const length = answer.status === 304 || answer.status === 204 ? {} : { 'content-length': body.length };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(body);
}

function statusAnswer({ status, body, headers }: Extract<Fault, { kind: 'status' }>): Answer {
  const [type, text] =
    typeof body === 'string'
      ? ['text/plain', body]
      : ['application/json', JSON.stringify(body ?? { status, message: 'ordered' })];
  return {
    status,
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', ...headers },
    body: text,
  };
}

async function sendHalf(
  response: ServerResponse,
  answer: Answer,
  body: Buffer,
  cut: 'connection' | 'clean',
): Promise<void> {
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (cut === 'clean') {
    send(response, { ...answer, body: half });
    return;
  }
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  await new Promise<void>((resolve) => response.write(half, () => resolve()));
  response.destroy();
}

function* endlessPieces(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, 'x');
  yield Buffer.from('[{"padding":"');
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

function* piecesOf(body: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

/** Writes the pieces no faster than the client reads, and stops when it goes away. */
async function write(
  response: ServerResponse,
  plan: Plan,
  pieces: Iterable<Buffer>,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  for (const piece of pieces) {
    await before();
    if (response.destroyed) return;
    plan.bytesSent += piece.length;
    if (!response.write(piece)) await drainedOrClosed(response);
  }
  if (!response.destroyed) response.end();
}

function drainedOrClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
    if (response.destroyed) done();
  });
}
