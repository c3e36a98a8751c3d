import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PgEvents } from '../../platform/events/pg-events.js';
import type { Caller } from '../../platform/http/caller.js';
import { scopesOf } from '../tokens/access-token.js';
import type { MachineCredentialKind, UsableCredential } from './machine-credential.js';
import { MachineCredentialsRepository } from './machine-credentials.repository.js';

const CHANNEL = 'machine_credentials';
/** A kilobyte each. The one that was loaded longest ago makes room, and is loaded again when it is used. */
const MOST_KNOWN = 20_000;

/** A credential, and whom it speaks for. */
export interface CredentialInForce {
  readonly credential: UsableCredential;
  readonly caller: Caller;
}

/**
 * Credentials as every process must see them, kept in memory by their public ids; secrets are in it hashed or sealed, as
 * they are stored. Every change is announced within its own transaction, and whoever hears of it forgets what it
 * concerns. While news cannot be heard, each request reads the row.
 */
@Injectable()
export class CredentialsInForce {
  private readonly known = new Map<string, CredentialInForce>();
  /** Counts the news: what was being read when some came may be from before it, and is not kept. */
  private epoch = 0;

  constructor(
    private readonly events: PgEvents,
    private readonly credentials: MachineCredentialsRepository,
  ) {
    events.subscribe(
      CHANNEL,
      (news) => this.hear(news),
      () => this.forgetWhere(() => true),
    );
  }

  /** A credential was rotated or deleted. Tells every process, once `tx` commits. */
  announce(tx: EntityManager, id: string): Promise<void> {
    return PgEvents.publish(tx, CHANNEL, { id });
  }

  /**
   * A person was disabled, enabled or deleted, or has another role. Tells every process, once `tx` commits; see
   * {@link forgetUser} for the one that did it.
   */
  announceUser(tx: EntityManager, userId: string): Promise<void> {
    return PgEvents.publish(tx, CHANNEL, { userId });
  }

  /** To be called after the commit: the process that changed a credential does not wait for its own news. */
  forget(id: string): void {
    this.epoch++;
    this.known.delete(id);
  }

  /** As {@link forget}, after {@link announceUser}. */
  forgetUser(userId: string): void {
    this.forgetWhere(({ credential }) => credential.userId === userId);
  }

  /** Without any waiting: undefined where the row must be read, or there is none. */
  peek(kind: MachineCredentialKind, id: string): CredentialInForce | undefined {
    const found = this.events.listening ? this.known.get(id) : undefined;
    return found?.credential.kind === kind ? found : undefined;
  }

  /** Undefined where there is none, or its owner is disabled. Whether it has expired is for the caller to see. */
  async find(kind: MachineCredentialKind, id: string): Promise<CredentialInForce | undefined> {
    return this.peek(kind, id) ?? (await this.load(kind, id));
  }

  private async load(kind: MachineCredentialKind, id: string): Promise<CredentialInForce | undefined> {
    const { epoch } = this;
    const credential = await this.credentials.usable(kind, id);
    if (credential === undefined) return undefined;
    const loaded = { credential, caller: callerOf(credential) };
    if (this.events.listening && epoch === this.epoch) this.keep(loaded);
    return loaded;
  }

  private keep(loaded: CredentialInForce): void {
    this.known.set(loaded.credential.id, loaded);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
  }

  private hear(news: unknown): void {
    const { id, userId } = (news ?? {}) as { id?: unknown; userId?: unknown };
    if (typeof id === 'string') this.forget(id);
    else if (typeof userId === 'string') this.forgetUser(userId);
    else this.forgetWhere(() => true); // of a version that knows more than this one: better once too often
  }

  private forgetWhere(concerned: (item: CredentialInForce) => boolean): void {
    this.epoch++;
    for (const [id, item] of this.known) if (concerned(item)) this.known.delete(id);
  }
}

/** A credential can do no more than its owner may at this moment; and what it does for an administrator, it does as a user. */
function callerOf({ id, kind, userId, ownerRole, scopes, tier }: UsableCredential): Caller {
  const allowed = scopesOf(ownerRole);
  return {
    userId,
    role: 'user',
    scopes: new Set(scopes.filter((scope) => allowed.includes(scope))),
    credential: kind === 'api_key' ? { kind, id } : { kind, id, tier },
  };
}
