import { Module, type OnModuleInit } from '@nestjs/common';
import { UpstreamModule } from '../../libs/upstream/upstream.module.js';
import { JobRunner } from '../jobs/job-runner.js';
import { Config } from '../platform/config/config.js';
import { ReaderPatience } from '../platform/http/text-stream.js';
import { UsersModule } from '../users/users.module.js';
import { BackfillRatesJob } from './backfill-rates.job.js';
import { BackfillsController } from './backfills.controller.js';
import { BackfillsService } from './backfills.service.js';
import { ConversionController } from './conversion.controller.js';
import { ConversionService } from './conversion.service.js';
import { CurrencyList } from './currency-list.js';
import { ExchangeRateController } from './exchange-rate.controller.js';
import { ExchangeRateService } from './exchange-rate.service.js';
import { HistoryController } from './history.controller.js';
import { HistoryService } from './history.service.js';
import { PastBook } from './past-book.js';
import { ChartPictureController } from './pictures/chart-picture.controller.js';
import { ChartPictureService } from './pictures/chart-picture.service.js';
import { ProviderSettings } from './providers/provider-settings.js';
import { rateProviderProviders, RateProviders } from './providers/providers.js';
import { RateBook } from './rate-book.js';
import { JoinLimit, RateDesk } from './rate-desk.js';
import { RateIntake } from './rate-intake.service.js';
import { RateRefreshService } from './rate-refresh.service.js';
import { ReadyAnswers } from './ready-answers.js';
import { RefreshRatesJob } from './refresh-rates.job.js';
import { SampleRates } from './sample-rates.js';
import { PastRatesRepository } from './storage/past-rates.repository.js';
import { RateSourcesController } from './rate-sources.controller.js';
import { RateSourcesReport } from './rate-sources-report.service.js';
import { RateEvidenceRepository } from './storage/rate-evidence.repository.js';
import { RateQuarantineRepository } from './storage/rate-quarantine.repository.js';
import { RateSourcesRepository } from './storage/rate-sources.repository.js';
import { RatesRepository } from './storage/rates.repository.js';

@Module({
  imports: [UpstreamModule, UsersModule],
  // In this order: `:quote` of the last would take `convert` for a currency.
  controllers: [
    BackfillsController,
    ConversionController,
    HistoryController,
    ChartPictureController,
    ExchangeRateController,
    RateSourcesController,
  ],
  providers: [
    { provide: ProviderSettings, useExisting: Config },
    ...rateProviderProviders,
    RatesRepository,
    RateSourcesRepository,
    PastRatesRepository,
    RateBook,
    PastBook,
    SampleRates,
    RateDesk,
    ExchangeRateService,
    HistoryService,
    ConversionService,
    ReaderPatience,
    ReadyAnswers,
    ChartPictureService,
    CurrencyList,
    RateEvidenceRepository,
    RateQuarantineRepository,
    RateIntake,
    RateRefreshService,
    RateSourcesReport,
    JoinLimit,
    BackfillRatesJob,
    BackfillsService,
  ],
  exports: [ExchangeRateService, CurrencyList],
})
export class ExchangeRateModule implements OnModuleInit {
  constructor(
    private readonly jobs: JobRunner,
    private readonly providers: RateProviders,
    private readonly refresh: RateRefreshService,
    private readonly backfill: BackfillRatesJob,
  ) {}

  onModuleInit(): void {
    this.jobs.register(...this.providers.inOrder.map((provider) => new RefreshRatesJob(provider, this.refresh)));
    this.jobs.register(this.backfill);
  }
}
