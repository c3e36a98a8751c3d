import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { RateSeriesEntity } from './rate-series.entity.js';

/**
 * One published figure and how long it was believed. A correction closes the row (`superseded_at`) and adds another:
 * what was known when can always be told.
 */
@Entity('rate_observations')
@Check('rate_observations_rate_check', 'rate > 0')
@Index('rate_observations_current', ['seriesId', 'date'], { unique: true, where: 'superseded_at IS NULL' })
@Index('rate_observations_stored', ['seriesId', 'fetchedAt'])
export class RateObservationEntity {
  @PrimaryColumn('int', { name: 'series_id', primaryKeyConstraintName: 'rate_observations_pkey' })
  seriesId: number;

  @ManyToOne(() => RateSeriesEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'series_id', foreignKeyConstraintName: 'rate_observations_series_fkey' })
  series: Relation<RateSeriesEntity>;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'rate_observations_pkey' })
  date: string;

  /** 1 for the first figure of that day, 2 for its first correction. */
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'rate_observations_pkey' })
  revision: number;

  /** The digits as published. */
  @Column('numeric')
  rate: string;

  @Column('timestamptz', { name: 'fetched_at' })
  fetchedAt: Date;

  @Column('timestamptz', { name: 'superseded_at', nullable: true })
  supersededAt: Date | null;
}
