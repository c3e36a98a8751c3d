import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, ValidateBy, ValidateIf } from 'class-validator';
import { PageLimit } from '../platform/http/page-limit.js';
import { type Account, USER_ROLES, type UserRole } from '../users/user.js';
import { ACCOUNT_CURSOR, type AccountPage } from '../users/users.repository.js';

const MAX_QUERY = 200;
const DEFAULT_LIMIT = 50;

export class UsersQuery {
  @ApiPropertyOptional({
    maxLength: MAX_QUERY,
    description: 'An id, or a part of an e-mail address or name, in any case of letters',
  })
  @ValidateIf((query: UsersQuery) => query.query !== undefined)
  @ValidateBy({
    name: 'isSearchText',
    validator: {
      // PostgreSQL stores no NUL, and takes none as a parameter.
      validate: (value) => typeof value === 'string' && [...value].length <= MAX_QUERY && !value.includes('\0'),
      defaultMessage: () => `must be one text of at most ${MAX_QUERY} characters, without NUL`,
    },
  })
  query?: string;

  @ApiPropertyOptional({ description: 'The `next` of the page before' })
  @ValidateIf((query: UsersQuery) => query.after !== undefined)
  @Matches(ACCOUNT_CURSOR, { message: 'must be the next of an earlier answer' })
  after?: string;

  @PageLimit({ max: 200, byDefault: DEFAULT_LIMIT })
  limit: number = DEFAULT_LIMIT;
}

export class AdminUser {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ type: String, nullable: true, example: 'minji@example.com' })
  email: string | null;
  @ApiProperty({ description: 'Whether Google vouches for the address' })
  emailVerified: boolean;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ enum: USER_ROLES, description: 'As of the last sign-in or refresh' })
  role: UserRole;
  @ApiProperty({ type: String, nullable: true, example: 'KR' })
  country: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'KRW' })
  currency: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  lastLoginAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null: may sign in' })
  disabledAt: string | null;
}

export class AdminUserPage {
  @ApiProperty({ type: [AdminUser] })
  users: AdminUser[];
  @ApiProperty({ type: String, nullable: true, description: 'The `after` of the next page; null after the last' })
  next: string | null;
}

export function toAdminUser(account: Account): AdminUser {
  const { id, email, emailVerified, name, role, country, currency } = account;
  return {
    id,
    email,
    emailVerified,
    name,
    role,
    country,
    currency,
    createdAt: account.createdAt.toISOString(),
    lastLoginAt: account.lastLoginAt.toISOString(),
    disabledAt: account.disabledAt?.toISOString() ?? null,
  };
}

export function toAdminUserPage({ accounts, next }: AccountPage): AdminUserPage {
  return { users: accounts.map(toAdminUser), next };
}
