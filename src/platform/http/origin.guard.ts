import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Config } from '../config/config.js';
import { Forbidden, UnsupportedMediaType } from '../errors/errors.js';
import { AllowedOrigins } from './allowed-origins.js';
import { hasBody } from './json-body.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps foreign pages from using a visitor's cookies: an unsafe request that bears cookies must come from our own
 * origin or a listed one (Origin, or Fetch Metadata where there is no Origin). And a body must be of a type that no
 * plain HTML form can send.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  constructor(
    private readonly origins: AllowedOrigins,
    private readonly config: Config,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (SAFE.has(request.method)) return true;
    if (hasBody(request) && request.is('application/json') !== 'application/json') {
      throw new UnsupportedMediaType('unsupported_media_type', { detail: 'Send the body as application/json.' });
    }
    const cookieBorne = request.headers.cookie !== undefined && request.headers.authorization === undefined;
    if (!cookieBorne || this.comesFromUs(request)) return true;
    throw new Forbidden('origin_refused', {
      detail: `A change made with cookies must come from a page of ${new URL(this.config.publicUrl).origin}.`,
    });
  }

  private comesFromUs(request: Request): boolean {
    const { origin } = request.headers;
    if (origin !== undefined) return this.origins.allows(origin);
    return request.headers['sec-fetch-site'] === 'same-origin';
  }
}
