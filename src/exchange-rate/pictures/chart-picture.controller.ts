import { Controller, Get, Header, Param, Query, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Public } from '../../platform/http/public.decorator.js';
import { RATE_HEADERS } from '../exchange-rate.dto.js';
import { type RatesAnswer, RatesHeaders } from '../rates-answer.js';
import { ChartPictureQuery } from './chart-picture.dto.js';
import { ChartPictureService } from './chart-picture.service.js';

@ApiTags('exchange-rate')
@UseInterceptors(RatesHeaders)
@Controller('api/exchange-rate')
export class ChartPictureController {
  constructor(private readonly pictures: ChartPictureService) {}

  @Public()
  @Get(':quote/chart.svg')
  @Header('Content-Type', 'image/svg+xml; charset=utf-8')
  // Opened by itself a picture is a document: it loads nothing and runs nothing.
  @Header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
  // Made for pages of others.
  @Header('Cross-Origin-Resource-Policy', 'cross-origin')
  @ApiOperation({ summary: 'A range of a pair as a picture, for embedding' })
  @ApiProduces('image/svg+xml')
  @ApiOkResponse({ schema: { type: 'string' }, headers: RATE_HEADERS })
  picture(@Param('quote') quote: string, @Query() query: ChartPictureQuery): Promise<RatesAnswer<string>> {
    return this.pictures.picture(quote, query);
  }
}
