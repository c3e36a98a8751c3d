import { Controller, Get, Param, Query, Req, UseInterceptors } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request } from 'express';
import { negotiated } from '../platform/http/negotiated.js';
import { Public } from '../platform/http/public.decorator.js';
import { type TextSource, TextStream } from '../platform/http/text-stream.js';
import { RATE_HEADERS } from './exchange-rate.dto.js';
import { HISTORY_TYPES } from './history-text.js';
import { History, HistoryQuery } from './history.dto.js';
import { HistoryService } from './history.service.js';
import { type RatesAnswer, RatesHeaders } from './rates-answer.js';

const JSON_CONTENT = { [HISTORY_TYPES.json]: { schema: { $ref: getSchemaPath(History) } } };
const CSV_CONTENT = {
  [HISTORY_TYPES.csv]: {
    schema: { type: 'string' as const, example: 'date,base,quote,rate\r\n2026-04-13,USD,KRW,1489.95\r\n' },
  },
};
const NDJSON_CONTENT = {
  [HISTORY_TYPES.ndjson]: { schema: { type: 'string' as const, example: '{"date":"2026-04-13","rate":1489.95}\n' } },
};

@ApiTags('exchange-rate')
@ApiExtraModels(History)
@UseInterceptors(TextStream, RatesHeaders)
@Controller('api/exchange-rate/:quote')
export class HistoryController {
  constructor(private readonly histories: HistoryService) {}

  @Public()
  @Get('history')
  @ApiOperation({ summary: 'The observations of a pair; as JSON, CSV or NDJSON, by Accept' })
  @ApiOkResponse({ headers: RATE_HEADERS, content: { ...JSON_CONTENT, ...CSV_CONTENT, ...NDJSON_CONTENT } })
  history(
    @Param('quote') quote: string,
    @Query() query: HistoryQuery,
    @Req() request: Request,
  ): Promise<RatesAnswer<TextSource>> {
    return this.histories.history({ quote, ...query }, negotiated(request, HISTORY_TYPES));
  }

  @Public()
  @Get('history.csv')
  @ApiOperation({ summary: 'The observations of a pair as CSV (RFC 4180), the rates with their digits as published' })
  @ApiOkResponse({ headers: RATE_HEADERS, content: CSV_CONTENT })
  csv(@Param('quote') quote: string, @Query() query: HistoryQuery): Promise<RatesAnswer<TextSource>> {
    return this.histories.history({ quote, ...query }, 'csv');
  }

  @Public()
  @Get('history.ndjson')
  @ApiOperation({ summary: 'The observations of a pair, each a line of JSON' })
  @ApiOkResponse({ headers: RATE_HEADERS, content: NDJSON_CONTENT })
  ndjson(@Param('quote') quote: string, @Query() query: HistoryQuery): Promise<RatesAnswer<TextSource>> {
    return this.histories.history({ quote, ...query }, 'ndjson');
  }
}
