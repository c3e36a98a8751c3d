import type { CurrencyCode } from '../../libs/money/currency.js';

export const USER_ROLES = ['user', 'admin'] as const;
export type UserRole = (typeof USER_ROLES)[number];

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

/** A user as an administrator sees it. */
export interface Account extends User {
  /** Since when nobody can sign in to it, whatever the credential. */
  readonly disabledAt: Date | null;
}

/** A person who has just signed in. */
export interface SignedInUser {
  readonly user: User;
  /** Whether the person is an administrator since, or no longer: what keys and clients may do changes with it. */
  readonly roleChanged: boolean;
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
