import { Controller, Delete, Get, Header, HttpCode, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { SessionCookies } from '../auth/session-cookies.js';
import type { Caller } from '../platform/http/caller.js';
import { CurrentUser } from '../platform/http/current-user.decorator.js';
import { deviceOf } from '../platform/http/device.js';
import { Limited } from '../platform/limits/limited.decorator.js';
import { AccountExport } from './account.dto.js';
import { AccountService } from './account.service.js';

/** The account as a whole: taking it along, and leaving. */
@ApiTags('users')
@ApiBearerAuth()
@Controller('api/users/me')
export class AccountController {
  constructor(
    private readonly account: AccountService,
    private readonly cookies: SessionCookies,
  ) {}

  @Get('export')
  @Limited('exports')
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'Everything that is kept of this person, as one JSON document' })
  @ApiOkResponse({ type: AccountExport })
  async export(@CurrentUser() caller: Caller, @Req() request: Request): Promise<StreamableFile> {
    const text = await this.account.export(caller.userId, deviceOf(request));
    return new StreamableFile(Readable.from(text, { objectMode: false }), {
      type: 'application/json; charset=utf-8',
      disposition: 'attachment; filename="hackonomics-account.json"',
    });
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes the account with everything of it, at once and for ever' })
  @ApiNoContentResponse({ description: 'Gone. The audit log keeps its lines under a random pseudonym' })
  async delete(@CurrentUser() caller: Caller, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.account.delete(caller.userId);
    this.cookies.clear(response);
  }
}
