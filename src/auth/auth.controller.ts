import { Body, Controller, Get, HttpCode, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiFoundResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { deviceOf } from '../platform/http/device.js';
import { Public } from '../platform/http/public.decorator.js';
import { Limited } from '../platform/limits/limited.decorator.js';
import { toProfile } from '../users/users.dto.js';
import { RefreshRequest, SessionLife, SignedIn, TokenPair } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { bearerToken } from './bearer.js';
import { GoogleGuard } from './google/google.guard.js';
import { type SignedInVisitor } from './google/google.strategy.js';
import { prefersJson } from './google/prefers-json.js';
import { SignInErrorFilter } from './google/sign-in-error.filter.js';
import { SessionCookies } from './session-cookies.js';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly cookies: SessionCookies,
  ) {}

  @Public()
  @Limited('sign_in')
  @Get('google/login')
  @UseGuards(GoogleGuard)
  @UseFilters(SignInErrorFilter)
  @ApiOperation({ summary: 'Sends the visitor to Google' })
  @ApiQuery({
    name: 'returnTo',
    required: false,
    description: 'A path of ours, or an absolute URL of an origin in CORS_ORIGINS',
  })
  @ApiFoundResponse({ description: 'To Google, with state, nonce and PKCE' })
  login(): void {
    // The guard has answered with a redirect.
  }

  @Public()
  @Limited('sign_in')
  @Get('google/callback')
  @UseGuards(GoogleGuard)
  @UseFilters(SignInErrorFilter)
  @ApiOperation({ summary: 'Where Google sends the visitor back to: cookies and a redirect, or tokens as JSON' })
  @ApiOkResponse({ type: SignedIn, description: 'For a caller that prefers application/json' })
  @ApiResponse({ status: 303, description: 'For a browser: cookies, and on to returnTo' })
  async callback(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { identity, returnTo } = request.user as SignedInVisitor;
    const session = await this.auth.signIn(identity, deviceOf(request));
    if (prefersJson(request)) {
      response.json({ ...this.auth.tokens(session), user: toProfile(session.user) });
      return;
    }
    this.cookies.set(response, session);
    response.redirect(303, returnTo);
  }

  @Public()
  @Limited('refresh')
  @Post('refresh')
  @HttpCode(200)
  @ApiOperation({ summary: 'Exchanges the refresh token for a new one, by cookie or by body' })
  @ApiBody({ type: RefreshRequest, required: false })
  @ApiExtraModels(TokenPair, SessionLife)
  @ApiOkResponse({
    description: 'New tokens for a token from the body; for one from the cookie new cookies, and how long they live',
    schema: { anyOf: [{ $ref: getSchemaPath(TokenPair) }, { $ref: getSchemaPath(SessionLife) }] },
  })
  async refresh(
    @Body() body: RefreshRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TokenPair | SessionLife> {
    response.setHeader('Cache-Control', 'no-store');
    const device = deviceOf(request);
    if (body.refreshToken !== undefined) return this.auth.tokens(await this.auth.refresh(body.refreshToken, device));
    const session = await this.auth.refreshOrForget(this.cookies.refreshToken(request), device, () =>
      this.cookies.clear(response),
    );
    this.cookies.set(response, session);
    return this.auth.life();
  }

  @Public()
  @Limited('sign_out')
  @Post('logout')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends this session, everywhere and at once' })
  @ApiBody({ type: RefreshRequest, required: false })
  @ApiNoContentResponse({ description: 'Signed out; also for a caller who was signed out already' })
  async logout(
    @Body() body: RefreshRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const shown = {
      bearer: bearerToken(request),
      accessToken: this.cookies.accessToken(request),
      refreshToken: body.refreshToken ?? this.cookies.refreshToken(request),
    };
    await this.auth.logout(shown, deviceOf(request));
    this.cookies.clear(response);
  }
}
