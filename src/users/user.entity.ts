import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { UserRole } from './user.js';

/** A person, identified by what the issuer says of them: (issuer, subject), never by an e-mail address. */
@Entity('users')
@Unique('users_identity', ['issuer', 'subject'])
@Index('users_created', ['createdAt', 'id'])
export class UserEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id: string;

  @Column('text')
  issuer: string;

  @Column('text')
  subject: string;

  @Column('text', { nullable: true })
  email: string | null;

  @Column('boolean', { name: 'email_verified' })
  emailVerified: boolean;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('text', { nullable: true })
  picture: string | null;

  @Column('text')
  role: UserRole;

  @Column('text', { nullable: true })
  country: string | null;

  @Column('text', { nullable: true })
  currency: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_login_at' })
  lastLoginAt: Date;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;
}
