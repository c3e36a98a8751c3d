import type { CurrencyCode } from '../../libs/money/currency.js';
import type { UserEntity, UserRole } from './user.entity.js';

export interface User {
  readonly id: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly picture: string | null;
  readonly role: UserRole;
  /** ISO 3166-1 alpha-2; null until chosen, and the currency with it. */
  readonly country: string | null;
  readonly currency: CurrencyCode | null;
  readonly createdAt: Date;
  readonly lastLoginAt: Date;
  readonly disabled: boolean;
}

/** Who signed in, as the verified ID token says. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly picture: string | null;
}

export function toUser(row: UserEntity): User {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.emailVerified,
    name: row.name,
    picture: row.picture,
    role: row.role,
    country: row.country,
    currency: row.currency as CurrencyCode | null,
    createdAt: row.createdAt,
    lastLoginAt: row.lastLoginAt,
    disabled: row.disabledAt !== null,
  };
}
