import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { DatabaseSettings } from '../database/database.js';

type Handler = (payload: unknown) => void;

/** PostgreSQL refuses payloads of 8000 bytes and more. */
const MAX_PAYLOAD_BYTES = 7_900;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
/** A connection that a firewall forgot looks alive to the end of time, unless it is asked. */
const PING_MS = 500;
/** A listener that has been silent for longer may have missed what others know already. */
const SILENT_MS = 1_000;
const QUERY_TIMEOUT_MS = 5_000;

/**
 * News between processes, by LISTEN and NOTIFY on a connection of its own. NOTIFY inside a transaction is delivered on
 * commit and never otherwise. News sent while the listener was away are lost: whoever subscribes says in `onGap` how to
 * catch up.
 */
@Injectable()
export class PgEvents implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(PgEvents.name);
  private readonly handlers = new Map<string, Handler[]>();
  private readonly gapHandlers: (() => void)[] = [];
  private client: pg.Client | undefined;
  /** When the listener last answered, on the monotonic clock. */
  private heardAt = 0;
  private retryMs = FIRST_RETRY_MS;
  private retryTimer: NodeJS.Timeout | undefined;
  private pingTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly database: DatabaseSettings) {}

  /** To be called while modules are set up, before the application has started. */
  subscribe(channel: string, handler: Handler, onGap: () => void): void {
    this.handlers.set(channel, [...(this.handlers.get(channel) ?? []), handler]);
    this.gapHandlers.push(onGap);
  }

  /** Announces after commit: the payload leaves when `tx` commits. */
  static async publish(tx: EntityManager, channel: string, payload: unknown): Promise<void> {
    const text = JSON.stringify(payload);
    if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) throw new RangeError(`the payload for ${channel} is too large`);
    await tx.query('SELECT pg_notify($1, $2)', [channel, text]);
  }

  /** False while news may be missed: whoever must be sure reads the row instead. */
  get listening(): boolean {
    return this.client !== undefined && performance.now() - this.heardAt < SILENT_MS;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    await this.client?.end();
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.database.directUrl,
      connectionTimeoutMillis: 5_000,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'hackonomics-events',
    });
    client.on('notification', ({ channel, payload }) => this.deliver(channel, payload ?? 'null'));
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client));
    try {
      await client.connect();
      for (const channel of this.handlers.keys()) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      if (this.closed) return await client.end();
      this.client = client;
      this.heardAt = performance.now();
      this.retryMs = FIRST_RETRY_MS;
      this.pingTimer = setInterval(this.pinger(client), PING_MS);
      for (const onGap of this.gapHandlers) onGap();
    } catch (error) {
      this.logger.warn({ err: error }, 'cannot listen for news of other processes; trying again');
      client.end().catch((cause: unknown) => this.logger.debug({ err: cause }, 'closing a failed listener'));
      this.retryLater();
    }
  }

  private deliver(channel: string, text: string): void {
    // Any role of the database may send on any channel: what it says must not end this process.
    try {
      const payload: unknown = JSON.parse(text);
      for (const handler of this.handlers.get(channel) ?? []) handler(payload);
    } catch (error) {
      this.logger.error({ err: error, channel }, 'news that could not be understood');
    }
  }

  /** Asks the listener for a sign of life; one at a time. */
  private pinger(client: pg.Client): () => void {
    let isWaiting = false;
    return () => {
      if (isWaiting) return;
      isWaiting = true;
      client
        .query('SELECT 1')
        .then(() => (this.heardAt = performance.now()))
        .catch((error: unknown) => this.lost(client, error))
        .finally(() => (isWaiting = false));
    };
  }

  private lost(client: pg.Client, error?: unknown): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    clearInterval(this.pingTimer);
    this.logger.warn({ err: error }, 'the listener for news of other processes was lost');
    client.end().catch((cause: unknown) => this.logger.debug({ err: cause }, 'closing a lost listener'));
    this.retryLater();
  }

  private retryLater(): void {
    if (this.closed) return;
    this.retryTimer = setTimeout(() => void this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }
}
