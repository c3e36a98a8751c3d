import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, ValidateIf } from 'class-validator';
import { RANGE_KEYS, type RangeKey } from '../domain/ranges.js';
import { RatesQuery } from '../exchange-rate.dto.js';
import { THEME_NAMES, type ThemeName } from './themes.js';

export class ChartPictureQuery extends RatesQuery {
  @ApiPropertyOptional({ enum: RANGE_KEYS, default: '1y' })
  @ValidateIf((query: ChartPictureQuery) => query.range !== undefined)
  @IsIn(RANGE_KEYS, { message: `must be one of ${RANGE_KEYS.join(', ')}` })
  range?: RangeKey;

  @ApiPropertyOptional({ enum: THEME_NAMES, default: 'light' })
  @ValidateIf((query: ChartPictureQuery) => query.theme !== undefined)
  @IsIn(THEME_NAMES, { message: `must be one of ${THEME_NAMES.join(', ')}` })
  theme?: ThemeName;
}
