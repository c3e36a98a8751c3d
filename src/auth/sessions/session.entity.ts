import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { UserEntity } from '../../users/user.entity.js';

/** A signed-in device. Its refresh tokens are one family: each rotation is a generation, only hashes are kept. */
@Entity('sessions')
@Index('sessions_user', ['userId'])
@Index('sessions_revoked', ['revokedAt'], { where: 'revoked_at IS NOT NULL' })
export class SessionEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'sessions_pkey' })
  id: string;

  /** Null once the account is gone: the row then only says, for a while, that the session has ended. */
  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'sessions_user_fkey' })
  user: Relation<UserEntity> | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_used_at' })
  lastUsedAt: Date;

  /** The end of the session however often it is used. */
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('text', { nullable: true })
  address: string | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column('int')
  generation: number;

  /** SHA-256 of the refresh token in force. */
  @Column('bytea', { name: 'token_hash' })
  tokenHash: Buffer;

  /** SHA-256 of the one before, for the seconds in which it still yields the same successor. */
  @Column('bytea', { name: 'previous_token_hash', nullable: true })
  previousTokenHash: Buffer | null;

  @Column('timestamptz', { name: 'rotated_at', nullable: true })
  rotatedAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column('text', { name: 'revoked_because', nullable: true })
  revokedBecause: string | null;
}
