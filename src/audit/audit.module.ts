import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Audit } from './audit.js';
import { AuditPersonalData } from './audit.personal-data.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { AuditEventsRepository } from './audit-events.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([AuditEventEntity])],
  providers: [Audit, AuditEventsRepository, AuditPersonalData],
  exports: [Audit, AuditPersonalData],
})
export class AuditModule {}
