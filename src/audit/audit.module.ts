import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Audit } from './audit.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { AuditEventsRepository } from './audit-events.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([AuditEventEntity])],
  providers: [Audit, AuditEventsRepository],
  exports: [Audit],
})
export class AuditModule {}
