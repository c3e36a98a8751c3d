import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { type Scope, SCOPES } from '../../platform/http/caller.js';
import type { MachineCredential } from './machine-credential.js';
import { MAX_OVERLAP_SECONDS } from './machine-credentials.service.js';

/** 1 to 100 characters, none of which is a control character, a line break or half a character. */
const NAME = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,100}$/u;
const TIMESTAMP_HINT = 'must be a timestamp such as 2027-01-31T12:00:00Z';

export class CredentialRequest {
  @ApiProperty({ example: 'Nightly report', description: '1 to 100 characters', maxLength: 100 })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @Matches(NAME, { message: 'must be 1 to 100 characters, without control characters' })
  name: string;

  @ApiProperty({
    enum: SCOPES,
    isArray: true,
    example: ['rates:read'],
    description: 'What it may do; rates:write for administrators alone',
  })
  @IsIn(SCOPES, { each: true, message: `must be of ${SCOPES.join(', ')}` })
  @ArrayUnique({ message: 'must not repeat itself' })
  @ArrayNotEmpty({ message: 'must not be empty' })
  @IsArray({ message: 'must be a list' })
  scopes: Scope[];

  @ApiPropertyOptional({ format: 'date-time', description: 'At most 5 years from now; without it, it does not expire' })
  @ValidateIf((request: CredentialRequest) => request.expiresAt !== undefined)
  @IsString({ message: TIMESTAMP_HINT })
  expiresAt?: string;
}

export class RotationRequest {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_OVERLAP_SECONDS,
    default: MAX_OVERLAP_SECONDS,
    description: 'For so many seconds the previous secret counts as well',
  })
  @ValidateIf((request: RotationRequest) => request.overlapSeconds !== undefined)
  @Max(MAX_OVERLAP_SECONDS, { message: `must be at most ${MAX_OVERLAP_SECONDS}` })
  @Min(0, { message: 'must not be negative' })
  @IsInt({ message: 'must be a whole number of seconds' })
  overlapSeconds: number = MAX_OVERLAP_SECONDS;
}

/** What both kinds show of themselves. */
export class CredentialView {
  @ApiProperty()
  id: string;
  @ApiProperty({ example: 'Nightly report' })
  name: string;
  @ApiProperty({ enum: SCOPES, isArray: true })
  scopes: readonly Scope[];
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null: does not expire' })
  expiresAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Up to a minute late' })
  lastUsedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  rotatedAt: string | null;
}

export function toView(credential: MachineCredential): CredentialView {
  const { id, name, scopes, createdAt, expiresAt, lastUsedAt, rotatedAt } = credential;
  return {
    id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    rotatedAt: rotatedAt?.toISOString() ?? null,
  };
}
