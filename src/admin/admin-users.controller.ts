import { Controller, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Admin } from '../platform/http/admin.decorator.js';
import { type Caller } from '../platform/http/caller.js';
import { CurrentUser } from '../platform/http/current-user.decorator.js';
import { deviceOf } from '../platform/http/device.js';
import { AdminUser, AdminUserPage, toAdminUser, toAdminUserPage, UsersQuery } from './admin-users.dto.js';
import { AdminUsersService } from './admin-users.service.js';

@ApiTags('admin')
@ApiBearerAuth()
@Admin()
@Controller('api/admin/users')
export class AdminUsersController {
  constructor(private readonly users: AdminUsersService) {}

  @Get()
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'Everybody who has an account, the newest first' })
  @ApiOkResponse({ type: AdminUserPage })
  async list(@Query() query: UsersQuery): Promise<AdminUserPage> {
    return toAdminUserPage(await this.users.list(query));
  }

  @Post(':id/disable')
  @HttpCode(200)
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'Shuts somebody out, everywhere and at once: sessions, keys and sign-ins' })
  @ApiOkResponse({ type: AdminUser, description: 'As it is now; also where it was so before' })
  async disable(@Param('id') id: string, @CurrentUser() caller: Caller, @Req() request: Request): Promise<AdminUser> {
    return toAdminUser(await this.users.disable(id, caller.userId, deviceOf(request)));
  }

  @Post(':id/enable')
  @HttpCode(200)
  @Header('Cache-Control', 'private, no-store')
  @ApiOperation({ summary: 'Lets somebody sign in again; what ended stays ended' })
  @ApiOkResponse({ type: AdminUser, description: 'As it is now; also where it was so before' })
  async enable(@Param('id') id: string, @CurrentUser() caller: Caller, @Req() request: Request): Promise<AdminUser> {
    return toAdminUser(await this.users.enable(id, caller.userId, deviceOf(request)));
  }
}
