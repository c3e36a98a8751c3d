import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditController } from './audit.controller.js';
import { Audit } from './audit.js';
import { AuditPersonalData } from './audit.personal-data.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { AuditEventsRepository } from './audit-events.repository.js';
import { AuditLog } from './audit-log.js';

@Module({
  imports: [TypeOrmModule.forFeature([AuditEventEntity])],
  controllers: [AuditController],
  providers: [Audit, AuditLog, AuditEventsRepository, AuditPersonalData],
  exports: [Audit, AuditPersonalData],
})
export class AuditModule {}
