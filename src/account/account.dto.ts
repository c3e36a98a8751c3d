import { ApiProperty } from '@nestjs/swagger';
import { Profile } from '../users/users.dto.js';

const LIST = { type: 'array', items: { type: 'object', additionalProperties: true } } as const;

export class AccountExport {
  @ApiProperty({ format: 'date-time' })
  exportedAt: string;
  @ApiProperty({ type: Profile })
  profile: Profile;
  @ApiProperty({ ...LIST, description: 'Devices that are or were signed in' })
  sessions: object[];
  @ApiProperty({ ...LIST, description: 'API keys and HMAC clients, without their secrets' })
  machineCredentials: object[];
  @ApiProperty({ ...LIST, description: 'Jobs that were asked for, such as backfills' })
  jobs: object[];
  @ApiProperty({ ...LIST, description: 'What the audit log says of this person' })
  auditEvents: object[];
}
