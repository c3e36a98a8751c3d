import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PgEvents } from '../../platform/events/pg-events.js';
import { Clock } from '../../platform/time/clock.js';
import { ACCESS_TOKEN_SECONDS } from '../tokens/access-token.js';
import { SessionsRepository } from './sessions.repository.js';

const CHANNEL = 'session_revoked';
/** As many ids as surely fit into one NOTIFY. */
const IDS_PER_NEWS = 150;
/** Longer than any access token lives: what was revoked before cannot be presented any more. */
const MEMORY_MS = (ACCESS_TOKEN_SECONDS + 60) * 1000;

/**
 * Which sessions were ended while their access tokens still run: known in every process within a moment (NOTIFY inside
 * the revoking transaction), at the cost of a look into a map. While news cannot be heard, the row is read instead.
 */
@Injectable()
export class RevokedSessions {
  private readonly logger = new Logger(RevokedSessions.name);
  private readonly revoked = new Map<string, number>();
  /** False until what was revoked while we did not listen has been read. */
  private complete = false;
  private gaps = 0;

  constructor(
    private readonly events: PgEvents,
    private readonly sessions: SessionsRepository,
    private readonly clock: Clock,
  ) {
    events.subscribe(
      CHANNEL,
      (ids) => {
        for (const id of ids as string[]) this.remember(id);
      },
      () => void this.catchUp(),
    );
  }

  /** Tells every process, once `tx` commits. */
  async announce(tx: EntityManager, sessionIds: readonly string[]): Promise<void> {
    for (let at = 0; at < sessionIds.length; at += IDS_PER_NEWS) {
      await PgEvents.publish(tx, CHANNEL, sessionIds.slice(at, at + IDS_PER_NEWS));
    }
  }

  /** To be called after the commit: the process that ended a session does not wait for its own news. */
  remember(sessionId: string): void {
    const now = this.clock.now().getTime();
    this.revoked.set(sessionId, now);
    for (const [id, at] of this.revoked) {
      if (now - at <= MEMORY_MS) break; // in order of insertion: the rest is younger
      this.revoked.delete(id);
    }
  }

  async has(sessionId: string): Promise<boolean> {
    if (this.revoked.has(sessionId)) return true;
    if (this.complete && this.events.listening) return false;
    return this.sessions.isRevoked(sessionId);
  }

  private async catchUp(): Promise<void> {
    this.complete = false;
    const gap = ++this.gaps;
    try {
      const since = new Date(this.clock.now().getTime() - MEMORY_MS);
      for (const id of await this.sessions.revokedSince(since)) this.remember(id);
      // Another gap may have opened while we read: then its own reading decides.
      this.complete = gap === this.gaps;
    } catch (error) {
      this.logger.warn(
        { err: error },
        'cannot read revoked sessions; each request reads its row until the next reconnect',
      );
    }
  }
}
