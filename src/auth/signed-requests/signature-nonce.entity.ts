import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A nonce that was used, for as long as its signature could be shown again. */
@Entity('signature_nonces')
@Index('signature_nonces_expires', ['expiresAt'])
export class SignatureNonceEntity {
  /** SHA-256 of key id and nonce. */
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'signature_nonces_pkey' })
  hash: Buffer;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
