import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { type Caller } from '../../platform/http/caller.js';
import { CurrentUser } from '../../platform/http/current-user.decorator.js';
import { deviceOf } from '../../platform/http/device.js';
import { ApiKey, ApiKeyRequest, CreatedApiKey, RotatedApiKey, toCreatedKey, toRotatedKey } from './api-keys.dto.js';
import { ApiKeys } from './api-keys.js';
import { RotationRequest, toView } from './machine-credentials.dto.js';
import { MachineCredentialsService } from './machine-credentials.service.js';

@ApiTags('API keys')
@ApiBearerAuth()
@Controller('api/api-keys')
export class ApiKeysController {
  constructor(
    private readonly credentials: MachineCredentialsService,
    private readonly keys: ApiKeys,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Makes an API key and shows its key, this once' })
  @ApiCreatedResponse({ type: CreatedApiKey })
  async create(
    @CurrentUser() caller: Caller,
    @Body() wanted: ApiKeyRequest,
    @Req() request: Request,
  ): Promise<CreatedApiKey> {
    return toCreatedKey(await this.credentials.create(this.keys, caller, wanted, deviceOf(request)));
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Your own ones, newest first' })
  @ApiOkResponse({ type: ApiKey, isArray: true })
  async list(@CurrentUser() caller: Caller): Promise<ApiKey[]> {
    return (await this.credentials.list(this.keys, caller)).map(toView);
  }

  @Delete(':id')
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Deletes it: it is refused everywhere within a second' })
  @ApiNoContentResponse({ description: 'Deleted' })
  async delete(@CurrentUser() caller: Caller, @Param('id') id: string, @Req() request: Request): Promise<void> {
    await this.credentials.delete(this.keys, caller, id, deviceOf(request));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A new key under the same id; the one before counts for the overlap' })
  @ApiBody({ type: RotationRequest, required: false })
  @ApiOkResponse({ type: RotatedApiKey })
  async rotate(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() { overlapSeconds }: RotationRequest,
    @Req() request: Request,
  ): Promise<RotatedApiKey> {
    return toRotatedKey(await this.credentials.rotate(this.keys, caller, id, overlapSeconds, deviceOf(request)));
  }
}
