import { ApiProperty } from '@nestjs/swagger';
import { IsIn, Matches, ValidateBy } from 'class-validator';
import { AsOfQuery } from '../exchange-rate/exchange-rate.dto.js';

export const DCA_PERIODS = ['1y', '2y'] as const;
export type DcaPeriod = (typeof DCA_PERIODS)[number];

/** More than any economy has, few enough to stay cheap. A tail of zeros is checked against the currency later. */
const AMOUNT = /^(?=.*[1-9])\d{1,18}(?:\.\d{1,4})?$/;
const PERCENT = /^\d{1,4}(?:\.\d{1,4})?$/;
const HIGHEST_PERCENT = 1_000;

export class DcaRequest extends AsOfQuery {
  @ApiProperty({ example: 'KRW', description: 'The currency that is saved each month; ISO 4217, in any case' })
  @Matches(/^[A-Za-z]{3}$/, { message: 'must be a currency code of three letters, such as KRW' })
  quote: string;

  @ApiProperty({ example: '300000', pattern: AMOUNT.source, description: 'Of the quote currency, in its minor units' })
  @Matches(AMOUNT, { message: 'must be decimal text above zero, such as "300000" or "250.50", of at most 18 digits' })
  monthlyAmount: string;

  @ApiProperty({
    oneOf: [
      { type: 'string', pattern: PERCENT.source },
      { type: 'number', minimum: 0, maximum: HIGHEST_PERCENT },
    ],
    example: '3.5',
    description: 'Simple interest a year: decimal text or a number, from 0 to 1000, at most 4 decimals',
  })
  @ValidateBy({
    name: 'isPercent',
    validator: {
      validate: (value) =>
        (typeof value === 'string' || typeof value === 'number') &&
        PERCENT.test(String(value)) &&
        Number(value) <= HIGHEST_PERCENT,
      defaultMessage: () => `must be from 0 to ${HIGHEST_PERCENT}, with at most 4 decimals`,
    },
  })
  depositRatePercent: string | number;

  @ApiProperty({ enum: DCA_PERIODS })
  @IsIn(DCA_PERIODS, { message: `must be one of ${DCA_PERIODS.join(', ')}` })
  period: DcaPeriod;
}

export class DcaDollars {
  @ApiProperty({ example: '2512.345678', description: 'Dollars bought, to 6 decimals' })
  units: string;
  @ApiProperty({ example: '3743270', description: 'Their worth at the newest rate, in the quote currency' })
  final: string;
}

export class DcaDeposit {
  @ApiProperty({ example: '3668250', description: 'All instalments with their interest, in the quote currency' })
  final: string;
}

export class DcaPurchase {
  @ApiProperty({ format: 'date' })
  date: string;
  @ApiProperty({
    example: 1489.95,
    description: 'As served elsewhere; the purchase itself is made at the unrounded one',
  })
  rate: number;
  @ApiProperty({ example: '201.349039', description: 'Dollars bought, to 6 decimals' })
  usd: string;
}

/** Amounts are text in the quote currency's minor units. Each figure is rounded once, half-even, from exact fractions. */
export class DcaAnswer {
  @ApiProperty({ example: 'ecb' })
  provider: string;
  @ApiProperty({ format: 'date', description: 'Of the rate that values the dollars' })
  date: string;
  @ApiProperty({ description: 'True once a newer observation must exist and is not here' })
  stale: boolean;
  @ApiProperty({ example: '3600000' })
  invested: string;
  @ApiProperty({ type: DcaDollars })
  usd: DcaDollars;
  @ApiProperty({ type: DcaDeposit })
  deposit: DcaDeposit;
  @ApiProperty({ enum: ['usd', 'deposit'], description: 'By the exact amounts; a tie goes to the deposit' })
  winner: 'usd' | 'deposit';
  @ApiProperty({ example: 2.0451, description: "In percent of the loser's final amount, to 4 decimals" })
  differencePercent: number;
  @ApiProperty({ type: [DcaPurchase] })
  purchases: DcaPurchase[];
  @ApiProperty({ type: [String], description: 'What is taken for granted, in plain sentences' })
  assumptions: string[];
}
