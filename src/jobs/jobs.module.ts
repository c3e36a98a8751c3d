import { Global, Module } from '@nestjs/common';
import { JobRunner } from './job-runner.js';

/** Durable background work, usable from every feature. */
@Global()
@Module({ providers: [JobRunner], exports: [JobRunner] })
export class JobsModule {}
