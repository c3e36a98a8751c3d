import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A series that a provider publishes: units of `quote` for one of `base`. */
@Entity('rate_series')
@Unique('rate_series_pair', ['provider', 'base', 'quote'])
export class RateSeriesEntity {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'rate_series_pkey' })
  id: number;

  @Column('text')
  provider: string;

  @Column('text')
  base: string;

  @Column('text')
  quote: string;

  /** Of the observations in force; kept with each write, so that nobody counts a million rows at start. */
  @Column('date', { name: 'first_date' })
  firstDate: string;

  @Column('date', { name: 'last_date' })
  lastDate: string;
}
