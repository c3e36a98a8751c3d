import { Controller, Delete, Get, Header, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type Caller, sessionOf } from '../../platform/http/caller.js';
import { CurrentUser } from '../../platform/http/current-user.decorator.js';
import { deviceOf } from '../../platform/http/device.js';
import { Problem } from '../../platform/http/problem.js';
import { Limited } from '../../platform/limits/limited.decorator.js';
import { SessionCookies } from '../session-cookies.js';
import { SessionEndings } from './session-endings.js';
import { SessionDevice, toSessionDevice } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

/** One's own devices. */
@ApiTags('auth')
@ApiBearerAuth()
@Controller('auth')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly endings: SessionEndings,
    private readonly cookies: SessionCookies,
  ) {}

  @Get('sessions')
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'The devices that are signed in, the last used first' })
  @ApiOkResponse({ type: [SessionDevice] })
  async list(@CurrentUser() caller: Caller): Promise<SessionDevice[]> {
    const devices = await this.sessions.devicesOf(caller.userId);
    return devices.map((device) => toSessionDevice(device, sessionOf(caller)));
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs one device out, everywhere and at once' })
  @ApiNoContentResponse({ description: 'Signed out' })
  @ApiNotFoundResponse({ type: Problem, description: 'No such device of yours, or signed out already' })
  async remove(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.endings.removeDevice(caller.userId, id, deviceOf(request));
    if (id === sessionOf(caller)) this.cookies.clear(response);
  }

  @Limited('sign_out')
  @Post('logout-all')
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs every device out, this one too' })
  @ApiNoContentResponse({ description: 'Signed out' })
  async logoutAll(
    @CurrentUser() caller: Caller,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.endings.logoutAll(caller.userId, deviceOf(request));
    this.cookies.clear(response);
  }
}
