import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UpstreamModule } from '../../libs/upstream/upstream.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { Secrets } from '../platform/config/secrets.js';
import { OriginGuard } from '../platform/http/origin.guard.js';
import { JobRunner } from '../jobs/job-runner.js';
import { LimitGuard } from '../platform/limits/limit.guard.js';
import { UsersModule } from '../users/users.module.js';
import { AccessGuard } from './access.guard.js';
import { AccountAccess } from './account-access.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { Callers } from './callers.js';
import { Cookies } from './cookies.js';
import { DevelopmentSignIn } from './development-sign-in/development-sign-in.js';
import { FalseCredentials } from './false-credentials.js';
import { GoogleStrategy } from './google/google.strategy.js';
import { IdTokens } from './google/id-token.js';
import { LoginAttempts } from './google/login-attempts.js';
import { OpenIdIssuer } from './google/open-id-issuer.js';
import { ApiKeysController } from './machine-credentials/api-keys.controller.js';
import { ApiKeys } from './machine-credentials/api-keys.js';
import { CredentialsInForce } from './machine-credentials/credentials-in-force.js';
import { HmacClientsController } from './machine-credentials/hmac-clients.controller.js';
import { HmacClients } from './machine-credentials/hmac-clients.js';
import { LastUses } from './machine-credentials/last-uses.js';
import { MachineCredentialEntity } from './machine-credentials/machine-credential.entity.js';
import { MachineCredentialsPersonalData } from './machine-credentials.personal-data.js';
import { MachineCredentialsRepository } from './machine-credentials/machine-credentials.repository.js';
import { MachineCredentialsService } from './machine-credentials/machine-credentials.service.js';
import { SessionCookies } from './session-cookies.js';
import { RefreshTokens } from './sessions/refresh-token.js';
import { RevokedSessions } from './sessions/revoked-sessions.js';
import { SessionEntity } from './sessions/session.entity.js';
import { SessionEndings } from './sessions/session-endings.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsPersonalData } from './sessions.personal-data.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignatureNonceEntity } from './signed-requests/signature-nonce.entity.js';
import { SignatureNonces } from './signed-requests/signature-nonces.repository.js';
import { SignedRequests } from './signed-requests/signed-requests.js';
import { SigningClients } from './signed-requests/signing-clients.js';
import { TidySignInJob } from './tidy.job.js';
import { AccessTokens } from './tokens/access-tokens.service.js';
import { JwksController } from './tokens/jwks.controller.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([SessionEntity, MachineCredentialEntity, SignatureNonceEntity]),
    JwtModule.register({}),
    PassportModule,
    UpstreamModule,
    AuditModule,
    UsersModule,
  ],
  controllers: [AuthController, SessionsController, ApiKeysController, HmacClientsController, JwksController],
  providers: [
    AuthService,
    Cookies,
    SessionCookies,
    DevelopmentSignIn,
    OpenIdIssuer,
    IdTokens,
    LoginAttempts,
    GoogleStrategy,
    SessionsRepository,
    SessionsService,
    SessionEndings,
    SessionsPersonalData,
    TidySignInJob,
    RevokedSessions,
    AccessTokens,
    MachineCredentialsRepository,
    MachineCredentialsService,
    MachineCredentialsPersonalData,
    CredentialsInForce,
    LastUses,
    ApiKeys,
    HmacClients,
    { provide: SigningClients, useExisting: HmacClients },
    SignatureNonces,
    SignedRequests,
    AccountAccess,
    Callers,
    FalseCredentials,
    {
      provide: RefreshTokens,
      inject: [Secrets],
      useFactory: (secrets: Secrets) =>
        new RefreshTokens(secrets.derive('refresh-token/mac'), secrets.derive('refresh-token/succession')),
    },
    // In this order: where a request comes from, who makes it, and whether it is one too many.
    { provide: APP_GUARD, useClass: OriginGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: LimitGuard },
  ],
  exports: [AccountAccess, SessionsPersonalData, MachineCredentialsPersonalData, SessionCookies],
})
export class AuthModule implements OnModuleInit {
  constructor(
    private readonly jobs: JobRunner,
    private readonly tidy: TidySignInJob,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this.tidy);
  }
}
