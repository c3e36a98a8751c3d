import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Admin } from '../platform/http/admin.decorator.js';
import { AuditPageDto, AuditQuery, toAuditPage } from './audit.dto.js';
import { AuditLog } from './audit-log.js';

@ApiTags('admin')
@ApiBearerAuth()
@Admin()
@Controller('api/admin/audit')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'What happened to accounts and credentials, the newest first' })
  @ApiOkResponse({ type: AuditPageDto })
  async events(@Query() query: AuditQuery): Promise<AuditPageDto> {
    return toAuditPage(await this.log.page(query));
  }
}
