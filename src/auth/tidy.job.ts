import { Injectable } from '@nestjs/common';
import { Job } from '../jobs/job.js';
import { Clock } from '../platform/time/clock.js';
import { SignatureNonces } from './signed-requests/signature-nonces.repository.js';
import { SessionsRepository } from './sessions/sessions.repository.js';

/** Longer than an access token lives by far: until then the rows say that the session has ended. */
const KEPT_MS = 24 * 3_600_000;

/** Forgets nonces of signatures that are too old to be shown again, and sessions that ended more than a day ago: which they were stands in the audit log. */
@Injectable()
export class TidySignInJob extends Job {
  readonly name = 'auth.tidy';
  override readonly schedule = { cron: '*/10 * * * *', zone: 'UTC' };

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly nonces: SignatureNonces,
    private readonly clock: Clock,
  ) {
    super();
  }

  async run(): Promise<void> {
    await this.sessions.forgetEnded(new Date(this.clock.now().getTime() - KEPT_MS));
    await this.nonces.forgetExpired();
  }
}
