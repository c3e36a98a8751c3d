import { Controller, Get, Header } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Admin } from '../platform/http/admin.decorator.js';
import { RateSource } from './rate-sources.dto.js';
import { RateSourcesReport } from './rate-sources-report.service.js';

@ApiTags('admin')
@ApiBearerAuth()
@Admin()
@Controller('api/admin/rates/sources')
export class RateSourcesController {
  constructor(private readonly report: RateSourcesReport) {}

  @Get()
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'How each source of rates does: health, gaps, figures in quarantine' })
  @ApiOkResponse({ type: [RateSource] })
  list(): Promise<RateSource[]> {
    return this.report.all();
  }
}
