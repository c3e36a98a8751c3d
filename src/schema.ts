import { AuditEventEntity } from './audit/audit-event.entity.js';
import { DevelopmentSignInRecordEntity } from './auth/development-sign-in/development-sign-in-record.entity.js';
import { MachineCredentialEntity } from './auth/machine-credentials/machine-credential.entity.js';
import { SessionEntity } from './auth/sessions/session.entity.js';
import { SignatureNonceEntity } from './auth/signed-requests/signature-nonce.entity.js';
import { RateLoadEntity } from './exchange-rate/storage/rate-load.entity.js';
import { RateObservationEntity } from './exchange-rate/storage/rate-observation.entity.js';
import { RateQuarantineEntity } from './exchange-rate/storage/rate-quarantine.entity.js';
import { RateSeriesEntity } from './exchange-rate/storage/rate-series.entity.js';
import { RateSourceEntity } from './exchange-rate/storage/rate-source.entity.js';
import { JobRunEntity } from './jobs/job-run.entity.js';
import { FirstJourney1763800000000 } from './migrations/1763800000000-first-journey.js';
import { KeysAndAudit1764000000000 } from './migrations/1764000000000-keys-and-audit.js';
import { JobRuns1764100000000 } from './migrations/1764100000000-job-runs.js';
import { RatePolicy1764100001000 } from './migrations/1764100001000-rate-policy.js';
import { WhatWasKnownWhen1764100002000 } from './migrations/1764100002000-what-was-known-when.js';
import type { DatabaseSchema } from './platform/database/database.js';
import { RateLimitEntity } from './platform/limits/rate-limit.entity.js';
import { UserEntity } from './users/user.entity.js';

/** The one list of tables and of the steps that lead to them, in order. */
export const schema: DatabaseSchema = {
  entities: [
    UserEntity,
    SessionEntity,
    DevelopmentSignInRecordEntity,
    MachineCredentialEntity,
    SignatureNonceEntity,
    RateLimitEntity,
    AuditEventEntity,
    RateSeriesEntity,
    RateObservationEntity,
    RateSourceEntity,
    RateLoadEntity,
    RateQuarantineEntity,
    JobRunEntity,
  ],
  migrations: [
    FirstJourney1763800000000,
    KeysAndAudit1764000000000,
    JobRuns1764100000000,
    RatePolicy1764100001000,
    WhatWasKnownWhen1764100002000,
  ],
};
