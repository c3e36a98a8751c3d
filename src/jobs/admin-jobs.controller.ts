import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Admin } from '../platform/http/admin.decorator.js';
import { AdminJobPage, JobsQuery, toAdminJobPage } from './jobs.dto.js';
import { JobsService } from './jobs.service.js';

@ApiTags('admin')
@ApiBearerAuth()
@Admin()
@Controller('api/admin/jobs')
export class AdminJobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'Every job that somebody asked for, the newest first' })
  @ApiOkResponse({ type: AdminJobPage })
  async list(@Query() query: JobsQuery): Promise<AdminJobPage> {
    return toAdminJobPage(await this.jobs.page(query));
  }
}
