import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import type { Scope } from '../../platform/http/caller.js';
import { UserEntity } from '../../users/user.entity.js';
import type { MachineCredentialKind } from './machine-credential.js';

/** What a program of somebody's shows or signs with: an API key (its hash is kept) or an HMAC client (its secret is kept sealed). */
@Entity('machine_credentials')
@Index('machine_credentials_user', ['userId'])
export class MachineCredentialEntity {
  /** The public part of a key, the `keyid` of a signature. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'machine_credentials_pkey' })
  id: string;

  @Column('text')
  kind: MachineCredentialKind;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'machine_credentials_user_fkey' })
  user: Relation<UserEntity>;

  @Column('text')
  name: string;

  @Column('text', { array: true })
  scopes: Scope[];

  /** Of an HMAC client: the limits that it has at the gateway. */
  @Column('text', { nullable: true })
  tier: string | null;

  /** SHA-256 of an API key's secret; an HMAC client's secret, sealed. */
  @Column('bytea')
  secret: Buffer;

  /** The secret before the last rotation, which counts until `previousUntil`. */
  @Column('bytea', { name: 'previous_secret', nullable: true })
  previousSecret: Buffer | null;

  @Column('timestamptz', { name: 'previous_until', nullable: true })
  previousUntil: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'rotated_at', nullable: true })
  rotatedAt: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  /** Written in batches: up to a minute late. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
