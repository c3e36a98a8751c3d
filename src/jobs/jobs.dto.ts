import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, ValidateIf } from 'class-validator';
import { PageLimit } from '../platform/http/page-limit.js';
import { RUN_CURSOR, type RunPage, type RunRecord } from './run-record.js';
import { JOB_STATES, type JobState } from './run-states.js';

const DEFAULT_LIMIT = 50;

export class JobsQuery {
  @ApiPropertyOptional({ description: 'The `next` of the page before' })
  @ValidateIf((query: JobsQuery) => query.after !== undefined)
  @Matches(RUN_CURSOR, { message: 'must be the next of an earlier answer' })
  after?: string;

  @PageLimit({ max: 200, byDefault: DEFAULT_LIMIT })
  limit: number = DEFAULT_LIMIT;
}

export class JobDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'rates.backfill' })
  type: string;
  @ApiProperty({ enum: JOB_STATES })
  state: JobState;
  @ApiProperty({ type: 'integer', example: 3652, description: 'Never less than before' })
  done: number;
  @ApiProperty({ type: 'integer', example: 9962, description: 'Of a backfill: the days asked for' })
  total: number;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'frankfurter: status 503',
    description: 'What went wrong last; a job that waits for its next try is queued',
  })
  error: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  startedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;
}

export class AdminJob extends JobDto {
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What was asked for' })
  params: object;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Null: of an account that is gone' })
  owner: string | null;
}

export class AdminJobPage {
  @ApiProperty({ type: [AdminJob] })
  jobs: AdminJob[];
  @ApiProperty({ type: String, nullable: true, description: 'The `after` of the next page; null after the last' })
  next: string | null;
}

export function toJob({ id, type, state, done, total, error, createdAt, startedAt, finishedAt }: RunRecord): JobDto {
  return {
    id,
    type,
    state,
    done,
    total,
    error,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

export function toAdminJobPage({ runs, next }: RunPage): AdminJobPage {
  return { jobs: runs.map((run) => ({ ...toJob(run), params: run.params, owner: run.ownerId })), next };
}
