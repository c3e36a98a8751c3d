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
import {
  CreatedHmacClient,
  HmacClient,
  HmacClientRequest,
  RotatedHmacClient,
  toClient,
  toCreatedClient,
  toRotatedClient,
} from './hmac-clients.dto.js';
import { HmacClients } from './hmac-clients.js';
import { RotationRequest } from './machine-credentials.dto.js';
import { MachineCredentialsService } from './machine-credentials.service.js';

@ApiTags('HMAC clients')
@ApiBearerAuth()
@Controller('api/hmac-clients')
export class HmacClientsController {
  constructor(
    private readonly credentials: MachineCredentialsService,
    private readonly clients: HmacClients,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Makes an HMAC client and shows its secret, this once' })
  @ApiCreatedResponse({ type: CreatedHmacClient })
  async create(
    @CurrentUser() caller: Caller,
    @Body() wanted: HmacClientRequest,
    @Req() request: Request,
  ): Promise<CreatedHmacClient> {
    return toCreatedClient(await this.credentials.create(this.clients, caller, wanted, deviceOf(request)));
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Your own ones, newest first' })
  @ApiOkResponse({ type: HmacClient, isArray: true })
  async list(@CurrentUser() caller: Caller): Promise<HmacClient[]> {
    return (await this.credentials.list(this.clients, caller)).map(toClient);
  }

  @Delete(':id')
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Deletes it: it is refused everywhere within a second' })
  @ApiNoContentResponse({ description: 'Deleted' })
  async delete(@CurrentUser() caller: Caller, @Param('id') id: string, @Req() request: Request): Promise<void> {
    await this.credentials.delete(this.clients, caller, id, deviceOf(request));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A new secret under the same id; the one before counts for the overlap' })
  @ApiBody({ type: RotationRequest, required: false })
  @ApiOkResponse({ type: RotatedHmacClient })
  async rotate(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Body() { overlapSeconds }: RotationRequest,
    @Req() request: Request,
  ): Promise<RotatedHmacClient> {
    return toRotatedClient(await this.credentials.rotate(this.clients, caller, id, overlapSeconds, deviceOf(request)));
  }
}
