import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type Caller } from '../platform/http/caller.js';
import { CurrentUser } from '../platform/http/current-user.decorator.js';
import { Public } from '../platform/http/public.decorator.js';
import { Scopes } from '../platform/http/scopes.decorator.js';
import { sendReady } from '../platform/http/send-ready.js';
import { Clock } from '../platform/time/clock.js';
import { CurrencyList } from './currency-list.js';
import { AsOfQuery, Chart, CurrencyEntry, NewestRate, RATE_HEADERS, RatesQuery } from './exchange-rate.dto.js';
import { type Audience, ratesHeaders } from './rates-answer.js';
import { ReadyAnswers, type ReadyRates } from './ready-answers.js';

@ApiTags('exchange-rate')
@Controller('api/exchange-rate')
export class ExchangeRateController {
  constructor(
    private readonly answers: ReadyAnswers,
    private readonly list: CurrencyList,
    private readonly clock: Clock,
  ) {}

  @Get('chart')
  @Scopes('rates:read')
  @ApiOperation({ summary: 'The four ranges of your currency against the US dollar' })
  @ApiOkResponse({ type: Chart, headers: RATE_HEADERS })
  async ownChart(
    @CurrentUser() caller: Caller,
    @Query() { asOf }: AsOfQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.send(request, response, await this.answers.chartOf(caller.userId, asOf), 'own');
  }

  @Get()
  @Scopes('rates:read')
  @ApiOperation({ summary: 'The newest rate of your currency against the US dollar' })
  @ApiOkResponse({ type: NewestRate, headers: RATE_HEADERS })
  async ownNewest(
    @CurrentUser() caller: Caller,
    @Query() { asOf }: AsOfQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.send(request, response, await this.answers.newestOf(caller.userId, asOf), 'own');
  }

  @Public()
  @Get('currencies')
  @ApiOperation({ summary: 'Every currency that has rates' })
  @ApiOkResponse({ type: [CurrencyEntry] })
  currencies(@Req() request: Request, @Res() response: Response): Promise<void> {
    return sendReady(request, response, this.list.ready(), { 'Cache-Control': 'public, no-cache' });
  }

  @Public()
  @Get(':quote')
  @ApiOperation({ summary: 'The newest rate of a pair, and what each range did' })
  @ApiOkResponse({ type: NewestRate, headers: RATE_HEADERS })
  async newest(
    @Param('quote') quote: string,
    @Query() query: RatesQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.send(request, response, await this.answers.newest({ quote, ...query }), 'public');
  }

  @Public()
  @Get(':quote/chart')
  @ApiOperation({ summary: 'The four ranges of a pair' })
  @ApiOkResponse({ type: Chart, headers: RATE_HEADERS })
  async chart(
    @Param('quote') quote: string,
    @Query() query: RatesQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.send(request, response, await this.answers.chart({ quote, ...query }), 'public');
  }

  private send(request: Request, response: Response, ready: ReadyRates, audience: Audience): Promise<void> {
    return sendReady(request, response, ready.body, ratesHeaders(ready, audience, this.clock.now()));
  }
}
