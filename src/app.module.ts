import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccountModule } from './account/account.module.js';
import { AdminModule } from './admin/admin.module.js';
import { AuthModule } from './auth/auth.module.js';
import { ChartCoverage } from './countries/chart-coverage.js';
import { CountriesModule } from './countries/countries.module.js';
import { CurrencyList } from './exchange-rate/currency-list.js';
import { ExchangeRateModule } from './exchange-rate/exchange-rate.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { HealthController } from './platform/http/health.controller.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { NoUndeclaredQuery, validationPipe } from './platform/http/validation.js';
import { loggerModule } from './platform/logging.js';
import { PlatformModule, type Runtime } from './platform/platform.module.js';
import { SimulationsModule } from './simulations/simulations.module.js';
import { UsersModule } from './users/users.module.js';

/** Countries ask which currencies have a chart; the exchange rates answer. Here the two meet, so that neither knows the other. */
@Global()
@Module({
  imports: [ExchangeRateModule],
  providers: [{ provide: ChartCoverage, useExisting: CurrencyList }],
  exports: [ChartCoverage],
})
class ChartCoverageModule {}

/** The one list of modules. */
@Module({})
export class AppModule {
  static with(runtime: Runtime): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(runtime),
        loggerModule(runtime.config.logLevel),
        JobsModule,
        AuthModule,
        UsersModule,
        AccountModule,
        AdminModule,
        CountriesModule,
        ExchangeRateModule,
        ChartCoverageModule,
        SimulationsModule,
      ],
      controllers: [HealthController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: validationPipe },
        { provide: APP_INTERCEPTOR, useClass: NoUndeclaredQuery },
      ],
    };
  }
}
