import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How much of a limit is used up in its present window. Unlogged: a crash of the database forgets the counts. */
@Entity('rate_limits')
@Index('rate_limits_expire', ['expire'])
export class RateLimitEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_limits_pkey' })
  key: string;

  @Column('int')
  points: number;

  /** End of the window in milliseconds since 1970. */
  @Column('bigint', { nullable: true })
  expire: string | null;
}
