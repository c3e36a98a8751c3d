import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Plan, type PlanOrder, send, sendSpoilt } from './faults.js';

export interface RecordedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Without the query. */
  readonly path: string;
  /** The last value of each parameter. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds since 1970 when it had come in whole. */
  readonly time: number;
}

export type Handler = (request: RecordedRequest) => Answer | Promise<Answer>;

export interface ServerOptions {
  /** Without one the operating system chooses. One that was used before lets a dead upstream come back. */
  readonly port?: number;
}

/** A far side on 127.0.0.1 that remembers what it was asked and answers badly on demand. */
export class StandInServer {
  /** Every request, in the order of arrival, the spoilt ones too. */
  readonly requests: RecordedRequest[] = [];
  /** Before every answer, whatever the plans say. */
  delayMs = 0;
  /** Requests under way, and the most there ever were at once. */
  inFlight = 0;
  mostInFlight = 0;
  port = 0;

  private plans: Plan[] = [];
  private readonly closing = new AbortController();
  private readonly server: Server;

  private constructor(private readonly handler: Handler) {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  static async start(handler: Handler, options: ServerOptions = {}): Promise<StandInServer> {
    const standIn = new StandInServer(handler);
    standIn.server.listen(options.port ?? 0, '127.0.0.1');
    await once(standIn.server, 'listening');
    standIn.port = (standIn.server.address() as AddressInfo).port;
    return standIn;
  }

  /** Origin, without a slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Orders a fault; see {@link Plan}. */
  plan(order: PlanOrder): Plan {
    const plan = new Plan(order);
    this.plans.push(plan);
    return plan;
  }

  clearPlans(): void {
    for (const plan of this.plans) plan.clear();
    this.plans = [];
  }

  /** Ends every answer under way and every connection. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    response.once('close', () => (this.inFlight -= 1));
    try {
      const record = await recordOf(request);
      this.requests.push(record);
      const plan = this.plans.find((candidate) => candidate.takes(`${record.method} ${record.url}`));
      if (this.delayMs > 0) await sleep(this.delayMs, undefined, { signal: this.closing.signal });
      const answer = await this.handler(record);
      if (plan) await sendSpoilt(response, answer, plan, this.closing.signal);
      else send(response, answer);
    } catch (error) {
      // The test ended us, or the client left in the middle of its request: nobody is there to be told.
      if (this.closing.signal.aborted || request.socket.destroyed) {
        response.destroy();
        return;
      }
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (response.headersSent) response.destroy();
      else
        send(response, {
          status: 500,
          headers: { 'content-type': 'text/plain' },
          body: `The stand-in failed: ${message}`,
        });
    }
  }
}

async function recordOf(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const target = request.url ?? '/';
  const url = new URL(`http://stand-in${target}`);
  return {
    method: request.method ?? 'GET',
    url: target,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    time: Date.now(),
  };
}
