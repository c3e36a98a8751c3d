import { ApiProperty } from '@nestjs/swagger';

const INSTANT = { type: String, format: 'date-time', nullable: true } as const;
const DAY = { type: String, format: 'date', nullable: true } as const;
const REASONS = ['not_a_rate', 'future', 'too_early', 'unknown_currency', 'duplicate', 'jump', 'correction'] as const;

export class RateGap {
  @ApiProperty({ format: 'date' })
  from: string;
  @ApiProperty({ format: 'date' })
  to: string;
}

export class RateGaps {
  @ApiProperty({ description: 'Publication days of the last two years on which a major currency has no rate' })
  days: number;
  @ApiProperty({ type: [RateGap], description: 'The newest 50 stretches of such days' })
  ranges: readonly RateGap[];
}

export class QuarantinedRate {
  @ApiProperty({ example: 'EUR' })
  base: string;
  @ApiProperty({ example: 'KRW' })
  quote: string;
  @ApiProperty({ format: 'date' })
  date: string;
  @ApiProperty({ description: 'As published' })
  rate: string;
  @ApiProperty({ enum: REASONS })
  reason: (typeof REASONS)[number];
  @ApiProperty({ format: 'date-time' })
  firstSeen: string;
  @ApiProperty({ format: 'date-time' })
  lastSeen: string;
  @ApiProperty({ description: 'Answers that had it' })
  times: number;
}

export class QuarantinedRates {
  @ApiProperty()
  count: number;
  @ApiProperty({ type: [QuarantinedRate], description: 'The newest 20' })
  newest: readonly QuarantinedRate[];
}

export class RateSource {
  @ApiProperty({ example: 'ecb' })
  name: string;
  @ApiProperty({ example: 'European Central Bank' })
  title: string;
  @ApiProperty({ ...DAY, description: 'From this day on everything has been fetched' })
  loadedFrom: string | null;
  @ApiProperty({ ...DAY, description: "Date of the newest rates by the publisher's calendar" })
  newest: string | null;
  @ApiProperty({ description: 'True once newer rates must exist and are not here' })
  stale: boolean;
  @ApiProperty(INSTANT)
  lastAttemptAt: string | null;
  @ApiProperty(INSTANT)
  lastSuccessAt: string | null;
  @ApiProperty({ description: 'Attempts that failed since the last success' })
  failures: number;
  @ApiProperty({ type: String, nullable: true })
  lastError: string | null;
  @ApiProperty({ format: 'date-time', description: 'When it is asked next; now where that is due' })
  nextDueAt: string;
  @ApiProperty({ ...INSTANT, description: 'When everything had last been fetched again, for corrections of old days' })
  lastFullPassAt: string | null;
  @ApiProperty({ ...DAY, description: 'From this day on the running pass is done; null: none is running' })
  fullPassReached: string | null;
  @ApiProperty()
  series: number;
  @ApiProperty({ description: 'Figures in force' })
  observations: number;
  @ApiProperty({ type: RateGaps })
  gaps: RateGaps;
  @ApiProperty({ type: QuarantinedRates })
  quarantined: QuarantinedRates;
}
