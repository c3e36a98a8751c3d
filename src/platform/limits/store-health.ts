import { Logger } from '@nestjs/common';

/** After a failure the store is left alone for so long; then one request tries it, and the others do not wait. */
const REST_MS = 2_000;
const WARN_EVERY_MS = 60_000;

/** Whether the store of the limits is worth asking: one that is away must not cost every request its deadline. */
export class StoreHealth {
  private readonly logger = new Logger('limits');
  private failing = false;
  private restsUntil = 0;
  private warnedAt = -Infinity;

  mayAsk(): boolean {
    if (!this.failing) return true;
    const now = performance.now();
    if (now < this.restsUntil) return false;
    this.restsUntil = now + REST_MS;
    return true;
  }

  answered(): void {
    this.failing = false;
  }

  failed(error: unknown): void {
    const now = performance.now();
    this.failing = true;
    this.restsUntil = now + REST_MS;
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = now;
    this.logger.warn({ err: error }, 'the store of the limits does not answer: this process counts by itself');
  }
}
