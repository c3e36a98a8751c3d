import { Controller, Get, Header, Param, Query, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller } from '../platform/http/caller.js';
import { CurrentUser } from '../platform/http/current-user.decorator.js';
import { Public } from '../platform/http/public.decorator.js';
import { Scopes } from '../platform/http/scopes.decorator.js';
import { CurrencyList } from './currency-list.js';
import { AsOfQuery, Chart, CurrencyEntry, NewestRate, RATE_HEADERS, RatesQuery } from './exchange-rate.dto.js';
import { ExchangeRateService } from './exchange-rate.service.js';
import { type RatesAnswer, RatesHeaders } from './rates-answer.js';

@ApiTags('exchange-rate')
@UseInterceptors(RatesHeaders)
@Controller('api/exchange-rate')
export class ExchangeRateController {
  constructor(
    private readonly rates: ExchangeRateService,
    private readonly list: CurrencyList,
  ) {}

  @Get('chart')
  @Scopes('rates:read')
  @ApiOperation({ summary: 'The four ranges of your currency against the US dollar' })
  @ApiOkResponse({ type: Chart, headers: RATE_HEADERS })
  ownChart(@CurrentUser() caller: Caller, @Query() { asOf }: AsOfQuery): Promise<RatesAnswer<Chart>> {
    return this.rates.chartOf(caller.userId, asOf);
  }

  @Get()
  @Scopes('rates:read')
  @ApiOperation({ summary: 'The newest rate of your currency against the US dollar' })
  @ApiOkResponse({ type: NewestRate, headers: RATE_HEADERS })
  ownNewest(@CurrentUser() caller: Caller, @Query() { asOf }: AsOfQuery): Promise<RatesAnswer<NewestRate>> {
    return this.rates.newestOf(caller.userId, asOf);
  }

  @Public()
  @Get('currencies')
  @Header('Cache-Control', 'public, no-cache')
  @ApiOperation({ summary: 'Every currency that has rates' })
  @ApiOkResponse({ type: [CurrencyEntry] })
  currencies(): CurrencyEntry[] {
    return this.list.entries();
  }

  @Public()
  @Get(':quote')
  @ApiOperation({ summary: 'The newest rate of a pair, and what each range did' })
  @ApiOkResponse({ type: NewestRate, headers: RATE_HEADERS })
  newest(@Param('quote') quote: string, @Query() query: RatesQuery): Promise<RatesAnswer<NewestRate>> {
    return this.rates.newest({ quote, ...query });
  }

  @Public()
  @Get(':quote/chart')
  @ApiOperation({ summary: 'The four ranges of a pair' })
  @ApiOkResponse({ type: Chart, headers: RATE_HEADERS })
  chart(@Param('quote') quote: string, @Query() query: RatesQuery): Promise<RatesAnswer<Chart>> {
    return this.rates.chart({ quote, ...query });
  }
}
