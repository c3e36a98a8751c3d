import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { HttpService } from '@nestjs/axios';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { isAxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { firstValueFrom } from 'rxjs';
import { ACCEPTED_ENCODINGS, decoded, linesOf } from './body.js';
import { Deadline } from './deadline.js';
import { allowedRedirect, isRedirect } from './redirect.js';
import { retryAfterSeconds } from './retry-after.js';
import type { UpstreamAnswer, UpstreamBody, UpstreamCall } from './upstream-call.js';
import { UpstreamError } from './upstream-error.js';

const AGENT_OPTIONS = { keepAlive: true, maxFreeSockets: 16 } as const;

/**
 * Every outbound HTTP call of the product. A call ends by its deadline, body included, holds at most `maxBytes`, ends
 * with the caller's signal, and throws {@link UpstreamError} and nothing else.
 */
@Injectable()
export class UpstreamClient implements OnApplicationShutdown {
  readonly #httpAgent = new HttpAgent(AGENT_OPTIONS);
  readonly #httpsAgent = new HttpsAgent(AGENT_OPTIONS);

  constructor(private readonly http: HttpService) {}

  /** The body by `parse`; what it throws becomes `malformed`, and so does an HTML page. */
  async json<T = unknown>(
    call: UpstreamCall,
    parse: (text: string) => T = (text) => JSON.parse(text) as T,
  ): Promise<UpstreamAnswer<T>> {
    const answer = await this.#whole({ ...call, headers: { accept: 'application/json', ...call.headers } }, refuseHtml);
    const text = utf8(answer.body, call.upstream);
    try {
      return { ...answer, body: parse(text) };
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      // Node's message quotes the text, so the error goes no further than its kind.
      throw new UpstreamError('malformed', call.upstream, { detail: 'not the JSON it should be' });
    }
  }

  /** The body as UTF-8 text, without a byte order mark. */
  async text(call: UpstreamCall): Promise<UpstreamAnswer<string>> {
    const answer = await this.bytes(call);
    return { ...answer, body: utf8(answer.body, call.upstream) };
  }

  bytes(call: UpstreamCall): Promise<UpstreamAnswer<Buffer>> {
    return this.#whole(call);
  }

  /**
   * The lines of the body as they arrive, empty ones included. The deadline runs on while the caller works on a line.
   * A body that ends early throws after its last whole line, so nothing may count before the iteration has ended.
   */
  async *lines(call: UpstreamCall): AsyncGenerator<string> {
    const { chunks } = await this.#open({ ...call, requireLength: true }, refuseHtml);
    try {
      yield* linesOf(chunks);
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      throw new UpstreamError('malformed', call.upstream, { detail: 'not UTF-8' });
    }
  }

  /** The last step of a stop: until then, whoever still calls ends its call by itself. */
  onApplicationShutdown(): void {
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }

  async #whole(call: UpstreamCall, accept?: HeadersCheck): Promise<UpstreamAnswer<Buffer>> {
    const { status, headers, chunks } = await this.#open(call, accept);
    const parts: Buffer[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return { status, headers, body: Buffer.concat(parts) };
  }

  /**
   * The seam for retry budget, breaker and bulkhead: every call of every kind passes here, once. The chunks must be
   * iterated at once: the iteration's end releases connection and deadline.
   */
  async #open(call: UpstreamCall, accept?: HeadersCheck): Promise<Exchange> {
    const deadline = new Deadline(call.upstream, call.deadlineMs, call.signal);
    let raw: Readable | undefined;
    try {
      const response = await this.#follow(call, deadline);
      raw = response.data;
      const { status } = response;
      const headers = plainHeaders(response.headers);
      if (!isOk(status, call.okStatuses)) throw statusError(status, headers, call.upstream);
      accept?.(headers, call.upstream);
      const body = bodyOf(call, response, headers);
      return { status, headers, chunks: chunksOf(body, call.upstream, deadline) };
    } catch (error) {
      raw?.destroy();
      deadline.close();
      throw deadline.error ?? toUpstreamError(error, call.upstream);
    }
  }

  async #follow(call: UpstreamCall, deadline: Deadline): Promise<AxiosResponse<Readable>> {
    let url = httpUrl(call);
    for (let redirects = 0; ; redirects++) {
      const response = await this.#request(call, url, deadline);
      if (!isRedirect(response.status) || call.okStatuses?.includes(response.status)) return response;
      response.data.destroy();
      const to = allowedRedirect(url, plainHeaders(response.headers).location);
      const safe = ['GET', 'HEAD'].includes(methodOf(call));
      if (to === undefined || !safe || redirects >= (call.maxRedirects ?? 0)) {
        throw new UpstreamError('redirected', call.upstream, { status: response.status });
      }
      url = to;
    }
  }

  async #request(call: UpstreamCall, url: URL, deadline: Deadline): Promise<AxiosResponse<Readable>> {
    // axios sends even what is already aborted.
    if (deadline.error) throw deadline.error;
    const config = this.#configOf(call, url, deadline);
    try {
      return await this.#send(config);
    } catch (error) {
      // An upstream may close an idle connection just as we use it again. Nothing was answered; once more, on a new one.
      const idempotent = ['GET', 'HEAD'].includes(methodOf(call));
      if (!idempotent || deadline.error || !closedWhileIdle(error)) throw error;
      return await this.#send({ ...config, httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent() });
    }
  }

  async #send(config: AxiosRequestConfig): Promise<AxiosResponse<Readable>> {
    const response = await firstValueFrom(this.http.request<Readable>(config));
    // axios emits an abort as an error of this stream; without a listener Node would end the process.
    response.data.on('error', () => undefined);
    return response;
  }

  #configOf(call: UpstreamCall, url: URL, deadline: Deadline): AxiosRequestConfig {
    const { type, bytes } = encodeBody(call.body);
    return {
      url: url.href,
      method: methodOf(call),
      headers: {
        'accept-encoding': ACCEPTED_ENCODINGS,
        accept: '*/*',
        'user-agent': 'hackonomics',
        ...(type === undefined ? {} : { 'content-type': type }),
        ...call.headers,
      },
      data: bytes,
      responseType: 'stream',
      decompress: false,
      maxRedirects: 0,
      maxContentLength: -1,
      maxBodyLength: -1,
      validateStatus: () => true,
      signal: deadline.signal,
      httpAgent: this.#httpAgent,
      httpsAgent: this.#httpsAgent,
      // Elsewhere HTTP_PROXY, HTTPS_PROXY and NO_PROXY count, as operators expect; a proxy can't reach our loopback.
      ...(isLoopback(url) ? { proxy: false as const } : {}),
    };
  }
}

/** Throws where the headers alone show that the body is of no use. */
type HeadersCheck = (headers: Readonly<Record<string, string>>, upstream: string) => void;

interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: AsyncGenerator<Buffer>;
}

async function* chunksOf(body: Readable | undefined, upstream: string, deadline: Deadline): AsyncGenerator<Buffer> {
  const cut = () => body?.destroy(deadline.error);
  deadline.signal.addEventListener('abort', cut, { once: true });
  try {
    if (deadline.error) throw deadline.error;
    if (body) for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    throw deadline.error ?? toUpstreamError(error, upstream);
  } finally {
    deadline.signal.removeEventListener('abort', cut);
    deadline.close();
    body?.destroy();
  }
}

/** The readable body; undefined where there is none to read. */
function bodyOf(
  call: UpstreamCall,
  response: AxiosResponse<Readable>,
  headers: Readonly<Record<string, string>>,
): Readable | undefined {
  const { upstream, maxBytes } = call;
  const length = headers['content-length'];
  const encoding = headers['content-encoding'];
  if (methodOf(call) === 'HEAD' || response.status === 204 || response.status === 304 || length === '0') {
    response.data.resume();
    return undefined;
  }
  const plain = encoding === undefined || encoding === 'identity';
  if (plain && Number(length) > maxBytes) {
    throw new UpstreamError('too_large', upstream, { detail: `more than ${maxBytes} bytes announced` });
  }
  if (call.requireLength && plain && length === undefined && headers['transfer-encoding'] === undefined) {
    throw new UpstreamError('malformed', upstream, { detail: 'a body that does not say where it ends' });
  }
  return decoded(response.data, { upstream, encoding, maxBytes });
}

function methodOf(call: UpstreamCall): string {
  return (call.method ?? 'GET').toUpperCase();
}

function httpUrl(call: UpstreamCall): URL {
  const url = URL.parse(call.url);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UpstreamError('unreachable', call.upstream, { detail: 'not an http(s) URL' });
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function isOk(status: number, okStatuses: readonly number[] | undefined): boolean {
  return okStatuses ? okStatuses.includes(status) : status >= 200 && status < 300;
}

function statusError(status: number, headers: Readonly<Record<string, string>>, upstream: string): UpstreamError {
  const retryAfter = retryAfterSeconds(headers['retry-after'], headers.date);
  return new UpstreamError('status', upstream, { status, ...(retryAfter === undefined ? {} : { retryAfter }) });
}

function plainHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) plain[name.toLowerCase()] = String(value);
  }
  return plain;
}

function encodeBody(body: UpstreamBody | undefined): { type?: string; bytes?: Buffer } {
  if (body === undefined) return {};
  if ('json' in body) return { type: 'application/json', bytes: Buffer.from(JSON.stringify(body.json)) };
  if ('bytes' in body) return body;
  return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(new URLSearchParams(body.form).toString()) };
}

function refuseHtml(headers: Readonly<Record<string, string>>, upstream: string): void {
  if (/^\s*(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '')) {
    throw new UpstreamError('malformed', upstream, { detail: 'an HTML page' });
  }
}

function utf8(bytes: Buffer, upstream: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UpstreamError('malformed', upstream, { detail: 'not UTF-8' });
  }
}

function closedWhileIdle(error: unknown): boolean {
  if (!isAxiosError(error)) return false;
  const request = error.request as { reusedSocket?: boolean } | undefined;
  return request?.reusedSocket === true && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** Keeps code and message of the system error; an AxiosError itself holds the request with its secrets. */
function toUpstreamError(error: unknown, upstream: string): UpstreamError {
  if (error instanceof UpstreamError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const codeText = typeof code === 'string' ? code : 'unknown';
  const cause = Object.assign(new Error(String(message)), { code: codeText });
  // zlib and the HTTP parser: the bytes came, but are not what they claim to be.
  const garbled = /^(Z_|ERR_+(ZLIB|BROTLI|ERROR_FORMAT|PADDING)|HPE_)/.test(codeText);
  return new UpstreamError(garbled ? 'malformed' : 'unreachable', upstream, { detail: codeText, cause });
}
