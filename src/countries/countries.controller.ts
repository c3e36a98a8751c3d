import { Controller, Get, Headers, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../platform/http/public.decorator.js';
import { sendReady } from '../platform/http/send-ready.js';
import { CountriesService } from './countries.service.js';
import { CountryEntry } from './country-entry.js';

@ApiTags('countries')
@Controller('api/countries')
export class CountriesController {
  constructor(private readonly countries: CountriesService) {}

  @Public()
  @Get()
  @ApiOperation({ summary: 'Every country with its currencies, sorted by name' })
  @ApiHeader({ name: 'Accept-Language', required: false, description: 'Language of the names; English by default' })
  @ApiOkResponse({
    type: CountryEntry,
    isArray: true,
    headers: { 'Content-Language': { description: 'Language of the names', schema: { type: 'string' } } },
  })
  async list(
    @Headers('accept-language') acceptLanguage: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const locale = this.countries.localeFor(acceptLanguage);
    const body = await this.countries.ready(locale);
    const headers = { 'Content-Language': locale, 'Cache-Control': 'public, no-cache' };
    await sendReady(request, response.vary('Accept-Language'), body, headers);
  }
}
