import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, ValidateIf } from 'class-validator';
import { type User, USER_ROLES, type UserRole } from './user.js';

export class Profile {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ type: String, nullable: true, example: 'minji@example.com' })
  email: string | null;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Address of the picture that Google shows' })
  picture: string | null;
  @ApiProperty({ enum: USER_ROLES })
  role: UserRole;
  @ApiProperty({ type: String, nullable: true, example: 'KR', description: 'ISO 3166-1 alpha-2; null until chosen' })
  country: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'KRW',
    description: 'ISO 4217; null until a country is chosen',
  })
  currency: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  lastLoginAt: string;
}

export class ProfileChange {
  @ApiPropertyOptional({ example: 'KR', description: 'ISO 3166-1 alpha-2, in any case' })
  @ValidateIf((change: ProfileChange) => change.country !== undefined)
  @Matches(/^[A-Za-z]{2}$/, { message: 'must be a country code of two letters, such as KR' })
  country?: string;

  @ApiPropertyOptional({
    example: 'KRW',
    description: "ISO 4217, one of the country's; by default its everyday currency",
  })
  @ValidateIf((change: ProfileChange) => change.currency !== undefined)
  @Matches(/^[A-Za-z]{3}$/, { message: 'must be a currency code of three letters, such as KRW' })
  currency?: string;
}

export function toProfile(user: User): Profile {
  const { id, email, name, picture, role, country, currency } = user;
  return {
    id,
    email,
    name,
    picture,
    role,
    country,
    currency,
    createdAt: user.createdAt.toISOString(),
    lastLoginAt: user.lastLoginAt.toISOString(),
  };
}
