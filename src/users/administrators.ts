import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import type { User, UserRole } from './user.js';

/** Who is an administrator, by ADMIN_EMAILS as it is now: a role that was stored may be older than the list. */
@Injectable()
export class Administrators {
  constructor(private readonly config: Config) {}

  roleOf({ email, emailVerified }: Pick<User, 'email' | 'emailVerified'>): UserRole {
    // ASCII letters alone lose their case: Unicode folds the Kelvin sign to k, and somebody else's address to an administrator's.
    const address = emailVerified ? email?.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : undefined;
    return address !== undefined && this.config.adminEmails.includes(address) ? 'admin' : 'user';
  }
}
