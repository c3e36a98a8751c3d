import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDate, IsIn, IsUUID, Matches, ValidateIf } from 'class-validator';
import { PageLimit } from '../platform/http/page-limit.js';
import { parseInstant } from '../platform/time/instant.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit-event.js';
import type { AuditPage } from './audit-log.js';

const DEFAULT_LIMIT = 100;
const INSTANT = { message: 'must be a timestamp such as 2026-04-13T18:00:00Z' };

/** What is no timestamp becomes an invalid Date, which the validation then refuses. */
const ToInstant = () =>
  Transform(({ value }) => (typeof value === 'string' ? parseInstant(value) : undefined) ?? new Date(NaN));

export class AuditQuery {
  @ApiPropertyOptional({ format: 'uuid', description: 'Whom it concerns, or who did it' })
  @ValidateIf((query: AuditQuery) => query.person !== undefined)
  @IsUUID(undefined, { message: 'must be the id of a user' })
  person?: string;

  @ApiPropertyOptional({ enum: AUDIT_ACTIONS })
  @ValidateIf((query: AuditQuery) => query.action !== undefined)
  @IsIn(AUDIT_ACTIONS, { message: `must be one of ${AUDIT_ACTIONS.join(', ')}` })
  action?: AuditAction;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Nothing earlier' })
  @ToInstant()
  @ValidateIf((query: AuditQuery) => query.from !== undefined)
  @IsDate(INSTANT)
  from?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Only what is earlier' })
  @ToInstant()
  @ValidateIf((query: AuditQuery) => query.to !== undefined)
  @IsDate(INSTANT)
  to?: Date;

  @ApiPropertyOptional({ description: 'The `next` of the page before' })
  @ValidateIf((query: AuditQuery) => query.before !== undefined)
  @Matches(/^\d{1,18}$/, { message: 'must be the next of an earlier answer' })
  before?: string;

  @PageLimit({ max: 500, byDefault: DEFAULT_LIMIT })
  limit: number = DEFAULT_LIMIT;
}

export class AuditEventDto {
  @ApiProperty({ example: '4711', description: 'In the order of writing' })
  id: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ enum: AUDIT_ACTIONS })
  action: AuditAction;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Whom it concerns; of a deleted account a pseudonym',
  })
  person: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Who did it, where that is not the person',
  })
  actor: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The session, key or client' })
  target: string | null;
  @ApiProperty({ type: String, nullable: true })
  reason: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Of whoever did it' })
  address: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Of whoever did it' })
  userAgent: string | null;
  @ApiProperty({ type: String, nullable: true })
  requestId: string | null;
}

export class AuditPageDto {
  @ApiProperty({ type: [AuditEventDto] })
  events: AuditEventDto[];
  @ApiProperty({ type: String, nullable: true, description: 'The `before` of the next page; null after the last' })
  next: string | null;
}

export function toAuditPage({ events, next }: AuditPage): AuditPageDto {
  return { events: events.map((event) => ({ ...event, at: event.at.toISOString() })), next };
}
