import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, ValidateBy, ValidateIf } from 'class-validator';
import { IsCalendarDay } from './calendar-day.js';
import { EARLIEST_YEAR, parseKnownAt } from './known-at.js';

export class AsOfQuery {
  @ApiPropertyOptional({
    example: '2026-04-13',
    description: 'The day the answer is for; today in UTC by default. Nothing later is used',
  })
  @ValidateIf((query: AsOfQuery) => query.asOf !== undefined)
  @IsCalendarDay()
  asOf?: string;
}

export class RatesQuery extends AsOfQuery {
  @ApiPropertyOptional({ example: 'USD', description: 'The currency that one unit of is priced; USD by default' })
  @ValidateIf((query: RatesQuery) => query.base !== undefined)
  @Matches(/^[A-Za-z]{3}$/, { message: 'must be a currency code of three letters, such as USD' })
  base?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    example: '2026-04-13T18:00:00Z',
    description:
      'Answers with the values as they were stored then: a correction that came later does not show. `asOf` is its date in UTC by default',
  })
  @ValidateIf((query: RatesQuery) => query.knownAt !== undefined)
  @ValidateBy({
    name: 'isKnownAt',
    validator: {
      validate: (value) => typeof value === 'string' && parseKnownAt(value) !== undefined,
      defaultMessage: () => `must be a timestamp with its zone, such as 2026-04-13T18:00:00Z, from ${EARLIEST_YEAR} on`,
    },
  })
  knownAt?: string;
}

export class PointDto {
  @ApiProperty({ format: 'date', example: '2026-04-13' })
  date: string;
  @ApiProperty({
    example: 1489.95,
    description: 'Units of the quote currency for one of the base; at most 15 digits, exact',
  })
  rate: number;
}

/** Observations of the last 3 months, 6 months, year and two years, ascending; weekends and holidays have no point. */
export class Chart {
  @ApiProperty({ type: [PointDto] })
  '3m': PointDto[];
  @ApiProperty({ type: [PointDto] })
  '6m': PointDto[];
  @ApiProperty({ type: [PointDto] })
  '1y': PointDto[];
  @ApiProperty({ type: [PointDto] })
  '2y': PointDto[];
}

export class RangeSummaryDto {
  @ApiProperty({ type: PointDto })
  first: PointDto;
  @ApiProperty({ type: PointDto })
  last: PointDto;
  @ApiProperty({ type: PointDto, description: 'The earliest date wins a tie' })
  low: PointDto;
  @ApiProperty({ type: PointDto, description: 'The earliest date wins a tie' })
  high: PointDto;
  @ApiProperty({ description: 'Arithmetic mean' })
  average: number;
  @ApiProperty({ type: Number, nullable: true, description: 'Last against first, in percent; null below 3 points' })
  changePercent: number | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Standard deviation (n−1) of daily log returns × √252, in percent; null below 3 points',
  })
  volatilityPercent: number | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Largest fall from an earlier high, in percent; null below 3 points',
  })
  maxDrawdownPercent: number | null;
}

export class RangeSummaries {
  @ApiProperty({ type: RangeSummaryDto, nullable: true })
  '3m': RangeSummaryDto | null;
  @ApiProperty({ type: RangeSummaryDto, nullable: true })
  '6m': RangeSummaryDto | null;
  @ApiProperty({ type: RangeSummaryDto, nullable: true })
  '1y': RangeSummaryDto | null;
  @ApiProperty({ type: RangeSummaryDto, nullable: true })
  '2y': RangeSummaryDto | null;
}

export class NewestRate {
  @ApiProperty({ example: 'USD' })
  base: string;
  @ApiProperty({ example: 'KRW' })
  quote: string;
  @ApiProperty({ example: 1489.95 })
  rate: number;
  @ApiProperty({ format: 'date' })
  date: string;
  @ApiProperty({ example: 'ecb' })
  provider: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: "By the publisher's calendar; null where it has none",
  })
  publishedAt: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When we stored it; null for samples',
  })
  fetchedAt: string | null;
  @ApiProperty({ description: 'True once a newer observation must exist and is not here' })
  stale: boolean;
  @ApiProperty({ type: RangeSummaries })
  ranges: RangeSummaries;
}

export class CurrencyEntry {
  @ApiProperty({ example: 'KRW' })
  code: string;
  @ApiProperty({ example: 'South Korean Won' })
  name: string;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  first: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  last: string | null;
  @ApiProperty({ example: 'ecb' })
  provider: string;
  @ApiProperty({ enum: ['active', 'discontinued'] })
  status: 'active' | 'discontinued';
}

export const RATE_HEADERS = {
  'X-Rates-Provider': {
    description: 'Who published the figures; `sample`: made up',
    schema: { type: 'string' as const },
  },
  'X-Rates-Date': {
    description: 'Date of the newest observation used',
    schema: { type: 'string' as const, format: 'date' },
  },
  'X-Rates-Stale': {
    description: '`true` once a newer observation must exist',
    schema: { type: 'string' as const, enum: ['true', 'false'] },
  },
};
