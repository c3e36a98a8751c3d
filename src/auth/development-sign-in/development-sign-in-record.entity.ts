import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One thing the development sign-in has to remember: a sign-in under way, a code, a grant, an account, its keys. */
@Entity('development_sign_in_records')
@Index('development_sign_in_records_grant', ['grantId'], { where: 'grant_id IS NOT NULL' })
@Index('development_sign_in_records_expires', ['expiresAt'])
export class DevelopmentSignInRecordEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'development_sign_in_records_pkey' })
  kind: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'development_sign_in_records_pkey' })
  id: string;

  /** `json`, not `jsonb`: parameters of a request are kept as they came, and jsonb refuses an escaped NUL. */
  @Column('json')
  payload: unknown;

  /** What is withdrawn together when a code is used twice. */
  @Column('text', { name: 'grant_id', nullable: true })
  grantId: string | null;

  @Column('timestamptz', { name: 'consumed_at', nullable: true })
  consumedAt: Date | null;

  /** Null: kept for good. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;
}
