import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminJobsController } from './admin-jobs.controller.js';
import { JobRunEntity } from './job-run.entity.js';
import { JobRunner } from './job-runner.js';
import { JobRunsRepository } from './job-runs.repository.js';
import { JobsController } from './jobs.controller.js';
import { JobsPersonalData } from './jobs.personal-data.js';
import { JobsService } from './jobs.service.js';
import { TidyRunsJob } from './tidy-runs.job.js';
import { TrackedRuns } from './tracked-runs.js';

/** Durable background work, usable from every feature. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([JobRunEntity])],
  controllers: [JobsController, AdminJobsController],
  providers: [JobRunner, JobRunsRepository, TrackedRuns, JobsService, JobsPersonalData, TidyRunsJob],
  exports: [JobRunner, TrackedRuns, JobsPersonalData],
})
export class JobsModule implements OnModuleInit {
  constructor(
    private readonly jobs: JobRunner,
    private readonly tidy: TidyRunsJob,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this.tidy);
  }
}
