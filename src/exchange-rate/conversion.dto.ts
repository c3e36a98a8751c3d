import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, ValidateIf } from 'class-validator';
import { IsCalendarDay } from './calendar-day.js';

const CODE = /^[A-Za-z]{3}$/;
const CODE_MESSAGE = 'must be a currency code of three letters, such as USD';
/** One way to write an amount, which no two readers take for different ones. */
const AMOUNT = /^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?$/;

export class ConversionQuery {
  @ApiProperty({ example: 'EUR' })
  @Matches(CODE, { message: CODE_MESSAGE })
  from: string;

  @ApiProperty({ example: 'KRW' })
  @Matches(CODE, { message: CODE_MESSAGE })
  to: string;

  @ApiProperty({
    example: '1234.50',
    pattern: AMOUNT.source,
    description: 'Plain digits with an optional point: at most 15 before it and 10 after it',
  })
  @Matches(AMOUNT, {
    message:
      'must be plain digits with an optional point, such as 1234.50: at most 15 before the point, without leading ' +
      'zeros, and at most 10 after it; no sign, exponent, space or comma',
  })
  amount: string;

  @ApiPropertyOptional({
    example: '2026-04-13',
    description: 'The day of the rate: the newest observation at or before it, at most 14 days old. Newest by default',
  })
  @ValidateIf((query: ConversionQuery) => query.date !== undefined)
  @IsCalendarDay()
  date?: string;
}

export class Conversion {
  @ApiProperty({ example: 'EUR' })
  from: string;
  @ApiProperty({ example: 'KRW' })
  to: string;
  @ApiProperty({ example: '1234.50', description: 'As it was given' })
  amount: string;
  @ApiProperty({
    example: '2149092',
    description: "In the target's minor units (ISO 4217), rounded once, half-even, from the unrounded rate",
  })
  result: string;
  @ApiProperty({ example: 1740.86, description: 'Units of `to` for one of `from`; a cross rate has 6 digits' })
  rate: number;
  @ApiProperty({ format: 'date', description: 'Date of the observation' })
  date: string;
  @ApiProperty({ example: 'ecb' })
  provider: string;
  @ApiProperty({ description: 'True once a newer observation must exist and is not here' })
  stale: boolean;
}
