import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuditPersonalData } from '../audit/audit.personal-data.js';
import { AuthModule } from '../auth/auth.module.js';
import { MachineCredentialsPersonalData } from '../auth/machine-credentials.personal-data.js';
import { SessionsPersonalData } from '../auth/sessions.personal-data.js';
import { JobsPersonalData } from '../jobs/jobs.personal-data.js';
import type { PersonalData } from '../users/personal-data.js';
import { UsersModule } from '../users/users.module.js';
import { AccountController } from './account.controller.js';
import { AccountService, PERSONAL_DATA } from './account.service.js';

/** The one list of features that keep something of a person. */
const PARTS = [SessionsPersonalData, MachineCredentialsPersonalData, JobsPersonalData, AuditPersonalData];

@Module({
  imports: [UsersModule, AuthModule, AuditModule],
  controllers: [AccountController],
  providers: [
    AccountService,
    { provide: PERSONAL_DATA, inject: PARTS, useFactory: (...parts: PersonalData[]) => parts },
  ],
})
export class AccountModule {}
