import { Body, Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RATE_HEADERS } from '../exchange-rate/exchange-rate.dto.js';
import { type RatesAnswer, RatesHeaders } from '../exchange-rate/rates-answer.js';
import { Public } from '../platform/http/public.decorator.js';
import { Limited } from '../platform/limits/limited.decorator.js';
import { DcaAnswer, DcaRequest } from './simulations.dto.js';
import { SimulationsService } from './simulations.service.js';

@ApiTags('simulations')
@UseInterceptors(RatesHeaders)
@Controller('api/simulations')
export class SimulationsController {
  constructor(private readonly simulations: SimulationsService) {}

  @Public()
  @Post('dca')
  @HttpCode(200)
  @Limited('simulations')
  @ApiOperation({ summary: 'Buying US dollars each month, against a term deposit' })
  @ApiOkResponse({ type: DcaAnswer, headers: RATE_HEADERS })
  dca(@Body() request: DcaRequest): Promise<RatesAnswer<DcaAnswer>> {
    return this.simulations.dca(request);
  }
}
