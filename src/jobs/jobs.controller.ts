import { Controller, Delete, Get, Header, HttpCode, Param } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller } from '../platform/http/caller.js';
import { CurrentUser } from '../platform/http/current-user.decorator.js';
import { Scopes } from '../platform/http/scopes.decorator.js';
import { JobDto, toJob } from './jobs.dto.js';
import { JobsService } from './jobs.service.js';

/** Whoever may start jobs may follow them. */
@ApiTags('jobs')
@Scopes('rates:write')
@Controller('api/jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get(':id')
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'How a job of yours stands' })
  @ApiOkResponse({ type: JobDto })
  async show(@Param('id') id: string, @CurrentUser() caller: Caller): Promise<JobDto> {
    return toJob(await this.jobs.show(id, caller));
  }

  @Delete(':id')
  @HttpCode(202)
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'Cancels a job: what it has done so far stays' })
  @ApiAcceptedResponse({ description: 'One that waits is cancelled; one that runs will be within about a second' })
  async cancel(@Param('id') id: string, @CurrentUser() caller: Caller): Promise<void> {
    await this.jobs.cancel(id, caller);
  }
}
