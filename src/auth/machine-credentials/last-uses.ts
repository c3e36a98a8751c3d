import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../platform/time/clock.js';
import { MachineCredentialsRepository } from './machine-credentials.repository.js';

const WRITE_EVERY_MS = 30_000;
/** Credentials noted between two writings; some 200 bytes each. */
const MOST_NOTED = 50_000;

/** When credentials were last used: noted in memory with each request, written together every half minute and at the end. */
@Injectable()
export class LastUses implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LastUses.name);
  private noted = new Map<string, Date>();
  /** Passed over by the last writing: their rows were locked, or are gone. */
  private passedOver = new Set<string>();
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly credentials: MachineCredentialsRepository,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  /** Requests in flight have been answered by now; the database is closed after this. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    await this.write();
  }

  /** Costs a look into a map. More at once than memory shall hold are not noted until the next writing. */
  note(id: string): void {
    if (this.noted.size < MOST_NOTED || this.noted.has(id)) this.noted.set(id, this.clock.now());
  }

  /** Writes what has been noted so far. Never throws: what could not be written is kept for the next time. */
  write(): Promise<void> {
    this.writing ??= this.writeNoted().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async writeNoted(): Promise<void> {
    const uses = this.noted;
    if (uses.size === 0) return;
    this.noted = new Map();
    try {
      const written = await this.credentials.recordUses(uses);
      const missed = [...uses].filter(([id]) => !written.has(id));
      this.keep(missed.filter(([id]) => !this.passedOver.has(id)));
      // A locked row is free the next time; one that is passed over again is gone.
      this.passedOver = new Set(missed.map(([id]) => id));
    } catch (error) {
      this.logger.warn({ err: error }, 'last uses of keys and clients could not be written; trying again');
      this.keep(uses);
    }
  }

  /** For the next time, where nothing later has been noted since. */
  private keep(uses: Iterable<readonly [string, Date]>): void {
    for (const [id, at] of uses) if (!this.noted.has(id) && this.noted.size < MOST_NOTED) this.noted.set(id, at);
  }
}
