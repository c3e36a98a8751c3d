import { Body, Controller, Get, Header, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/http/current-user.decorator.js';
import { type Caller } from '../platform/http/caller.js';
import { Scopes } from '../platform/http/scopes.decorator.js';
import { Profile, ProfileChange, toProfile } from './users.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('users')
@Controller('api/users/me')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Header('Cache-Control', 'private, no-store')
  @Scopes('profile:read')
  @ApiOperation({ summary: 'The signed-in person' })
  @ApiOkResponse({ type: Profile })
  async me(@CurrentUser() caller: Caller): Promise<Profile> {
    return toProfile(await this.users.byId(caller.userId));
  }

  @Patch()
  @Header('Cache-Control', 'private, no-store')
  @Scopes('profile:write')
  @ApiOperation({ summary: 'Chooses the country, and with it the currency' })
  @ApiOkResponse({ type: Profile })
  async change(@CurrentUser() caller: Caller, @Body() change: ProfileChange): Promise<Profile> {
    return toProfile(await this.users.chooseCountry(caller.userId, change));
  }
}
