import { ApiProperty } from '@nestjs/swagger';

export const CHART_STATES = ['available', 'is_usd', 'pegged', 'discontinued', 'none'] as const;
export type ChartState = (typeof CHART_STATES)[number];

/** One row of `GET /api/countries`. */
export class CountryEntry {
  @ApiProperty({ description: 'ISO 3166-1 alpha-2, and XK for Kosovo', example: 'KR', pattern: '^[A-Z]{2}$' })
  readonly code: string;

  @ApiProperty({ description: 'In the language of the answer (Content-Language)', example: 'South Korea' })
  readonly name: string;

  @ApiProperty({ description: 'The everyday currency, ISO 4217', example: 'KRW', pattern: '^[A-Z]{3}$' })
  readonly currency: string;

  @ApiProperty({
    description: 'Every currency in general use, the everyday one first',
    type: [String],
    minItems: 1,
    example: ['KRW'],
  })
  readonly currencies: readonly string[];

  @ApiProperty({
    description:
      'What a chart of the everyday currency against the US dollar would show: `available` a series; `is_usd` the ' +
      'currency is the dollar; `pegged` it has a fixed official parity to the dollar; `discontinued` it was closed; ' +
      '`none` no provider has it',
    enum: CHART_STATES,
    enumName: 'ChartState',
    example: 'available',
  })
  readonly chart: ChartState;
}
