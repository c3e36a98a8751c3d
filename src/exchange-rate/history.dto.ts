import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, ValidateIf } from 'class-validator';
import { IsCalendarDay } from './calendar-day.js';
import { type Group, GROUPS } from './domain/grouping.js';
import { PointDto, RatesQuery } from './exchange-rate.dto.js';

export class HistoryQuery extends RatesQuery {
  @ApiPropertyOptional({
    example: '2024-01-01',
    description: 'The first day; by default that of the first observation',
  })
  @ValidateIf((query: HistoryQuery) => query.from !== undefined)
  @IsCalendarDay()
  from?: string;

  @ApiPropertyOptional({ example: '2026-04-13', description: 'The last day; by default the one the answer is for' })
  @ValidateIf((query: HistoryQuery) => query.to !== undefined)
  @IsCalendarDay()
  to?: string;

  @ApiPropertyOptional({
    enum: GROUPS,
    description: 'One observation of each day, ISO week or calendar month: the last one. All by default',
  })
  @ValidateIf((query: HistoryQuery) => query.group !== undefined)
  @IsIn(GROUPS, { message: `must be one of ${GROUPS.join(', ')}` })
  group?: Group;
}

/** Observations ascending by date; weekends and holidays have none. */
export class History {
  @ApiProperty({ example: 'USD' })
  base: string;
  @ApiProperty({ example: 'KRW' })
  quote: string;
  @ApiProperty({ example: 'ecb' })
  provider: string;
  @ApiProperty({ format: 'date', description: 'Date of the newest observation used' })
  date: string;
  @ApiProperty({ description: 'True once a newer observation must exist and is not here' })
  stale: boolean;
  @ApiProperty({ type: [PointDto] })
  observations: PointDto[];
}
