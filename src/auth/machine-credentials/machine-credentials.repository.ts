import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { UserEntity } from '../../users/user.entity.js';
import type { UserRole } from '../../users/user.js';
import type { KeptSecrets, MachineCredential, MachineCredentialKind, UsableCredential } from './machine-credential.js';
import { MachineCredentialEntity } from './machine-credential.entity.js';

/** One credential of one person: nobody else's is ever found by it. */
export interface OwnCredential {
  readonly kind: MachineCredentialKind;
  readonly userId: string;
  readonly id: string;
}

/** When each was last used. */
export type LastUse = ReadonlyMap<string, Date>;

@Injectable()
export class MachineCredentialsRepository {
  constructor(@InjectRepository(MachineCredentialEntity) private readonly rows: Repository<MachineCredentialEntity>) {}

  /** What a request with it is verified against; undefined where there is none, or its owner is disabled. */
  async usable(kind: MachineCredentialKind, id: string): Promise<UsableCredential | undefined> {
    const row = await this.rows
      .createQueryBuilder('credential')
      .innerJoin('credential.user', 'owner')
      .addSelect(['owner.id', 'owner.role'])
      .where('credential.id = :id AND credential.kind = :kind AND owner.disabledAt IS NULL', { id, kind })
      .getOne();
    if (row === null) return undefined;
    const { userId, scopes, tier, secret, previousSecret, previousUntil, expiresAt, user } = row;
    const kept = { secret, previousSecret, previousUntil };
    return { id, kind, userId, ownerRole: user.role, scopes, tier, expiresAt, ...kept };
  }

  /** The owner as of now, whose row stays locked until the transaction ends. */
  async lockOwner(tx: EntityManager, userId: string): Promise<{ role: UserRole; disabled: boolean } | undefined> {
    const lock = { mode: 'for_no_key_update' } as const;
    const row = await tx.getRepository(UserEntity).findOne({ where: { id: userId }, lock });
    return row === null ? undefined : { role: row.role, disabled: row.disabledAt !== null };
  }

  async count(tx: EntityManager, kind: MachineCredentialKind, userId: string): Promise<number> {
    return tx.getRepository(MachineCredentialEntity).countBy({ kind, userId });
  }

  async add(tx: EntityManager, row: Omit<MachineCredentialEntity, 'user'>): Promise<MachineCredential> {
    await tx.getRepository(MachineCredentialEntity).insert(row);
    return toCredential(row);
  }

  /** Newest first. */
  async ownedBy(kind: MachineCredentialKind, userId: string): Promise<MachineCredential[]> {
    const rows = await this.rows.find({ where: { kind, userId }, order: { createdAt: 'DESC', id: 'ASC' } });
    return rows.map(toCredential);
  }

  /** Locks the row until the transaction ends: rotations of one credential take turns. */
  async lock(tx: EntityManager, own: OwnCredential): Promise<(MachineCredential & KeptSecrets) | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    const row = await tx.getRepository(MachineCredentialEntity).findOne({ where: { ...own }, lock });
    if (row === null) return undefined;
    const { secret, previousSecret, previousUntil } = row;
    return { ...toCredential(row), secret, previousSecret, previousUntil };
  }

  async replaceSecrets(tx: EntityManager, id: string, secrets: KeptSecrets, rotatedAt: Date): Promise<void> {
    await tx.getRepository(MachineCredentialEntity).update({ id }, { ...secrets, rotatedAt });
  }

  /** True where there was one. */
  async remove(tx: EntityManager, own: OwnCredential): Promise<boolean> {
    const { affected } = await tx.getRepository(MachineCredentialEntity).delete({ ...own });
    return affected === 1;
  }

  /**
   * Writes down last uses, never an earlier one over a later, and answers whose it wrote. It waits for nobody: a row
   * that is locked, by a replica that writes the same or with its owner's deletion, is left for the next time.
   */
  async recordUses(uses: LastUse): Promise<Set<string>> {
    const [written] = await this.rows.query<[{ id: string }[], number]>(
      `UPDATE machine_credentials AS credential
          SET last_used_at = GREATEST(credential.last_used_at, used.at)
         FROM (SELECT id, at
                 FROM machine_credentials
                 JOIN unnest($1::text[], $2::timestamptz[]) AS noted (id, at) USING (id)
                  FOR NO KEY UPDATE OF machine_credentials SKIP LOCKED) AS used
        WHERE credential.id = used.id
        RETURNING credential.id`,
      [[...uses.keys()], [...uses.values()]],
    );
    return new Set(written.map(({ id }) => id));
  }
}

function toCredential(row: Omit<MachineCredentialEntity, 'user'>): MachineCredential {
  const { id, name, scopes, tier, createdAt, expiresAt, lastUsedAt, rotatedAt } = row;
  return { id, name, scopes, tier, createdAt, expiresAt, lastUsedAt, rotatedAt };
}
