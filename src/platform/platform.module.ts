import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from './config/config.js';
import { Secrets } from './config/secrets.js';
import { type DatabaseSchema, DatabaseSettings, dataSourceOptions } from './database/database.js';
import { PgEvents } from './events/pg-events.js';
import { AllowedOrigins } from './http/allowed-origins.js';
import { InFlight } from './http/in-flight.js';
import { RateLimitEntity } from './limits/rate-limit.entity.js';
import { RateLimits } from './limits/rate-limits.js';
import { Clock, SystemClock } from './time/clock.js';

/** What is only known once the process has started, and is the same for all of it. */
export interface Runtime {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly database: DatabaseSettings;
  readonly schema: DatabaseSchema;
  readonly clock?: Clock;
}

/** What every feature stands on: configuration, secrets, database, news between processes, time. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot({ config, secrets, database, schema, clock }: Runtime): DynamicModule {
    const providers = [
      { provide: Config, useValue: config },
      { provide: Secrets, useValue: secrets },
      { provide: DatabaseSettings, useValue: database },
      { provide: Clock, useValue: clock ?? new SystemClock() },
      PgEvents,
      AllowedOrigins,
      InFlight,
      RateLimits,
    ];
    return {
      module: PlatformModule,
      // No retries: the start has just seen that the database answers, and a replica that cannot start is started again.
      imports: [
        TypeOrmModule.forRoot({ ...dataSourceOptions(database.url, schema), retryAttempts: 0, toRetry: () => false }),
        TypeOrmModule.forFeature([RateLimitEntity]),
      ],
      providers,
      exports: providers,
    };
  }
}
