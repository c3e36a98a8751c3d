import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Since when a provider can answer from a day on: a row each time that it reached further back. The newest row up to an
 * instant is what `rate_sources.loaded_from` said then.
 */
@Entity('rate_loads')
export class RateLoadEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_loads_pkey' })
  provider: string;

  @PrimaryColumn('date', { name: 'loaded_from', primaryKeyConstraintName: 'rate_loads_pkey' })
  loadedFrom: string;

  @Column('timestamptz', { name: 'loaded_at' })
  loadedAt: Date;
}
