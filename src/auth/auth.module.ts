import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UpstreamModule } from '../../libs/upstream/upstream.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { Secrets } from '../platform/config/secrets.js';
import { OriginGuard } from '../platform/http/origin.guard.js';
import { LimitGuard } from '../platform/limits/limit.guard.js';
import { UsersModule } from '../users/users.module.js';
import { AccessGuard } from './access.guard.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { Callers } from './callers.js';
import { Cookies } from './cookies.js';
import { DevelopmentSignIn } from './development-sign-in/development-sign-in.js';
import { GoogleStrategy } from './google/google.strategy.js';
import { IdTokens } from './google/id-token.js';
import { LoginAttempts } from './google/login-attempts.js';
import { OpenIdIssuer } from './google/open-id-issuer.js';
import { ApiKeys } from './machine-credentials/api-keys.js';
import { MachineCredentialEntity } from './machine-credentials/machine-credential.entity.js';
import { SessionCookies } from './session-cookies.js';
import { RefreshTokens } from './sessions/refresh-token.js';
import { RevokedSessions } from './sessions/revoked-sessions.js';
import { SessionEntity } from './sessions/session.entity.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignatureNonceEntity } from './signed-requests/signature-nonce.entity.js';
import { SignatureNonces } from './signed-requests/signature-nonces.repository.js';
import { SignedRequests } from './signed-requests/signed-requests.js';
import { SigningClients } from './signed-requests/signing-clients.js';
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
  controllers: [AuthController, JwksController],
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
    RevokedSessions,
    AccessTokens,
    ApiKeys,
    SignatureNonces,
    SignedRequests,
    { provide: SigningClients, useValue: { client: () => Promise.resolve(undefined), used: () => undefined } },
    Callers,
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
})
export class AuthModule {}
