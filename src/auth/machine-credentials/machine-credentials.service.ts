import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Audit } from '../../audit/audit.js';
import { Conflict, Forbidden, NotFound, Unauthenticated } from '../../platform/errors/errors.js';
import type { Caller, Scope } from '../../platform/http/caller.js';
import type { Device } from '../../platform/http/device.js';
import { Clock } from '../../platform/time/clock.js';
import type { UserRole } from '../../users/user.js';
import { scopesOf } from '../tokens/access-token.js';
import { expiryOf } from './credential-rules.js';
import { CredentialsInForce } from './credentials-in-force.js';
import { hasExpired, type MachineCredential } from './machine-credential.js';
import { MachineCredentialsRepository } from './machine-credentials.repository.js';
import type { SecretKeeper } from './secret-keeper.js';

const SECRET_BYTES = 32;
export const MOST_PER_PERSON = 50;
export const MAX_OVERLAP_SECONDS = 86_400;

export interface WantedCredential {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tier?: string | undefined;
  /** RFC 3339. */
  readonly expiresAt?: string | undefined;
}

/** A credential with its secret, as it is shown this once. */
export interface ShownCredential {
  readonly credential: MachineCredential;
  readonly secret: string;
}

export interface RotatedCredential extends ShownCredential {
  readonly previousExpiresAt: Date;
}

/** The life of API keys and HMAC clients; each step is one short transaction, with its line in the audit log. */
@Injectable()
export class MachineCredentialsService {
  constructor(
    private readonly database: DataSource,
    private readonly credentials: MachineCredentialsRepository,
    private readonly inForce: CredentialsInForce,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  create(keeper: SecretKeeper, caller: Caller, wanted: WantedCredential, device: Device): Promise<ShownCredential> {
    const { name, scopes, tier = null } = wanted;
    const { kind } = keeper;
    const { userId } = caller;
    const now = this.clock.now();
    const expiresAt = wanted.expiresAt === undefined ? null : expiryOf(wanted.expiresAt, now);
    const id = keeper.newId();
    const secret = newSecret();
    return this.database.transaction(async (tx) => {
      // Locked until the end: of many who make one at once, each counts what the one before has made.
      const owner = await this.lockedOwner(tx, userId);
      refuseScopes(scopes, scopesOf(owner.role), caller);
      if ((await this.credentials.count(tx, kind, userId)) >= MOST_PER_PERSON) {
        throw new Conflict(keeper.tooMany, {
          detail: `You have ${MOST_PER_PERSON} of these: delete one of them first.`,
        });
      }
      const credential = await this.credentials.add(tx, {
        ...{ id, kind, userId, name, scopes: [...scopes], tier, createdAt: now, expiresAt },
        ...{ secret: keeper.kept(id, secret), previousSecret: null, previousUntil: null },
        ...{ rotatedAt: null, lastUsedAt: null },
      });
      await this.audit.record(tx, { action: `${kind}.created`, person: userId, target: id, device });
      return { credential, secret: keeper.shown(id, secret) };
    });
  }

  list(keeper: SecretKeeper, { userId }: Caller): Promise<MachineCredential[]> {
    return this.credentials.ownedBy(keeper.kind, userId);
  }

  async delete(keeper: SecretKeeper, { userId }: Caller, id: string, device: Device): Promise<void> {
    const { kind } = keeper;
    if (!keeper.isId(id)) throw unknown(keeper);
    await this.database.transaction(async (tx) => {
      if (!(await this.credentials.remove(tx, { kind, userId, id }))) throw unknown(keeper);
      await this.audit.record(tx, { action: `${kind}.deleted`, person: userId, target: id, device });
      await this.inForce.announce(tx, id);
    });
    this.inForce.forget(id);
  }

  /** A new secret under the same id. The one before counts for the overlap, the one before that no longer. */
  async rotate(
    keeper: SecretKeeper,
    { userId }: Caller,
    id: string,
    overlapSeconds: number,
    device: Device,
  ): Promise<RotatedCredential> {
    const { kind } = keeper;
    if (!keeper.isId(id)) throw unknown(keeper);
    const secret = newSecret();
    const rotated = await this.database.transaction(async (tx) => {
      const before = await this.credentials.lock(tx, { kind, userId, id });
      if (before === undefined) throw unknown(keeper);
      const now = this.clock.now();
      // A new secret would be as dead as the old one.
      if (hasExpired(before, now)) {
        throw new Conflict(`${kind}_expired`, { detail: `This ${keeper.title} has expired: make a new one.` });
      }
      const overlapEnd = now.getTime() + overlapSeconds * 1000;
      const previousUntil = new Date(Math.min(overlapEnd, before.expiresAt?.getTime() ?? overlapEnd));
      const previousSecret = overlapSeconds > 0 ? before.secret : null;
      await this.credentials.replaceSecrets(
        tx,
        id,
        { secret: keeper.kept(id, secret), previousSecret, previousUntil },
        now,
      );
      await this.audit.record(tx, { action: `${kind}.rotated`, person: userId, target: id, device });
      await this.inForce.announce(tx, id);
      return { credential: { ...before, rotatedAt: now }, previousExpiresAt: previousUntil };
    });
    this.inForce.forget(id);
    return { ...rotated, secret: keeper.shown(id, secret) };
  }

  private async lockedOwner(tx: EntityManager, userId: string): Promise<{ role: UserRole }> {
    const owner = await this.credentials.lockOwner(tx, userId);
    if (owner === undefined) throw new Unauthenticated('account_gone', { detail: 'This account no longer exists.' });
    if (owner.disabled) {
      throw new Forbidden('account_disabled', { detail: 'This account has been disabled by an administrator.' });
    }
    return owner;
  }
}

/** A person gives on what both the session and the account may do now: an access token may be ten minutes behind. */
function refuseScopes(wanted: readonly Scope[], ofAccount: readonly Scope[], { scopes }: Caller): void {
  const refused = wanted.filter((scope) => !ofAccount.includes(scope) || !scopes.has(scope));
  if (refused.length === 0) return;
  throw new Forbidden('scope_not_allowed', { detail: `You cannot give what you may not do: ${refused.join(' ')}.` });
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function unknown({ kind, title }: SecretKeeper): NotFound {
  return new NotFound(`${kind}_unknown`, { detail: `You have no such ${title}.` });
}
