import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../platform/http/public.decorator.js';
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
  list(
    @Headers('accept-language') acceptLanguage: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CountryEntry[]> {
    const locale = this.countries.localeFor(acceptLanguage);
    response.vary('Accept-Language').set('Content-Language', locale);
    return this.countries.list(locale);
  }
}
