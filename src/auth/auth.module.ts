import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UpstreamModule } from '../../libs/upstream/upstream.module.js';
import { Secrets } from '../platform/config/secrets.js';
import { OriginGuard } from '../platform/http/origin.guard.js';
import { UsersModule } from '../users/users.module.js';
import { AccessGuard } from './access.guard.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { Cookies } from './cookies.js';
import { DevelopmentSignIn } from './development-sign-in/development-sign-in.js';
import { GoogleStrategy } from './google/google.strategy.js';
import { IdTokens } from './google/id-token.js';
import { LoginAttempts } from './google/login-attempts.js';
import { OpenIdIssuer } from './google/open-id-issuer.js';
import { SessionCookies } from './session-cookies.js';
import { RefreshTokens } from './sessions/refresh-token.js';
import { RevokedSessions } from './sessions/revoked-sessions.js';
import { SessionEntity } from './sessions/session.entity.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { SessionsService } from './sessions/sessions.service.js';
import { AccessTokens } from './tokens/access-tokens.service.js';
import { JwksController } from './tokens/jwks.controller.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([SessionEntity]),
    JwtModule.register({}),
    PassportModule,
    UpstreamModule,
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
    {
      provide: RefreshTokens,
      inject: [Secrets],
      useFactory: (secrets: Secrets) =>
        new RefreshTokens(secrets.derive('refresh-token/mac'), secrets.derive('refresh-token/succession')),
    },
    // In this order: where a request comes from, then who makes it.
    { provide: APP_GUARD, useClass: OriginGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
})
export class AuthModule {}
