import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsString, ValidateBy, ValidateIf } from 'class-validator';
import { parseIsoDate } from '../platform/time/iso-date.js';
import { knownCurrency } from './known-currencies.js';

const MAX_QUOTES = 200;

const IsDay = () =>
  applyDecorators(
    ValidateBy({
      name: 'isDay',
      validator: {
        validate: (value) => typeof value === 'string' && parseIsoDate(value) !== undefined,
        defaultMessage: () => 'must be a date, YYYY-MM-DD',
      },
    }),
  );

export class BackfillRequest {
  @ApiProperty({ example: 'ecb', description: 'One of the sources that are switched on' })
  @IsString({ message: 'must be the name of a source' })
  provider: string;

  @ApiProperty({ format: 'date', example: '1999-01-04', description: 'First day; no earlier than the source begins' })
  @IsDay()
  from: string;

  @ApiPropertyOptional({ format: 'date', example: '2026-04-13', description: 'Last day; today in UTC by default' })
  @ValidateIf((request: BackfillRequest) => request.to !== undefined)
  @IsDay()
  to?: string;

  @ApiPropertyOptional({
    type: [String],
    example: ['KRW', 'JPY'],
    maxItems: MAX_QUOTES,
    description: 'All by default. USD comes with them, since rates against it are made with its leg',
  })
  @ValidateIf((request: BackfillRequest) => request.quotes !== undefined)
  @ValidateBy({
    name: 'areCurrencies',
    validator: {
      validate: (value) =>
        !Array.isArray(value) || value.every((code) => typeof code === 'string' && knownCurrency(code) !== undefined),
      defaultMessage: () => 'must be ISO 4217 currency codes, such as KRW',
    },
  })
  @ArrayMaxSize(MAX_QUOTES, { message: `must be at most ${MAX_QUOTES}` })
  @ArrayNotEmpty({ message: 'must not be empty' })
  @IsArray({ message: 'must be a list' })
  quotes?: string[];
}

export class StartedJob {
  @ApiProperty({ format: 'uuid', description: 'For `GET /api/jobs/{id}`' })
  jobId: string;
}
