import { Body, Controller, Header, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type Caller } from '../platform/http/caller.js';
import { CurrentUser } from '../platform/http/current-user.decorator.js';
import { Scopes } from '../platform/http/scopes.decorator.js';
import { BackfillRequest, StartedJob } from './backfills.dto.js';
import { BackfillsService } from './backfills.service.js';

@ApiTags('exchange-rate')
@Controller('api/exchange-rate/backfills')
export class BackfillsController {
  constructor(private readonly backfills: BackfillsService) {}

  @Post()
  @HttpCode(202)
  @Scopes('rates:write')
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'Fetches history from a source, as a job; the same request while one runs is the same job' })
  @ApiAcceptedResponse({
    type: StartedJob,
    headers: { Location: { schema: { type: 'string' }, description: '`/api/jobs/{jobId}`' } },
  })
  async start(
    @CurrentUser() caller: Caller,
    @Body() wanted: BackfillRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StartedJob> {
    const jobId = await this.backfills.start(wanted, caller.userId);
    response.location(`/api/jobs/${jobId}`);
    return { jobId };
  }
}
