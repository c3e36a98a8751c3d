import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/http/public.decorator.js';
import { Conversion, ConversionQuery } from './conversion.dto.js';
import { ConversionService } from './conversion.service.js';
import { RATE_HEADERS } from './exchange-rate.dto.js';
import { type RatesAnswer, RatesHeaders } from './rates-answer.js';

@ApiTags('exchange-rate')
@UseInterceptors(RatesHeaders)
@Controller('api/exchange-rate')
export class ConversionController {
  constructor(private readonly conversions: ConversionService) {}

  @Public()
  @Get('convert')
  @ApiOperation({ summary: 'An amount of one currency in another' })
  @ApiOkResponse({ type: Conversion, headers: RATE_HEADERS })
  convert(@Query() query: ConversionQuery): Promise<RatesAnswer<Conversion>> {
    return this.conversions.convert(query);
  }
}
