import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { Scope } from './caller.js';

export const REQUIRED_SCOPES = 'hackonomics:scopes';
/** Names of the ways in that programs have beside the access token, in the API document. */
export const API_KEY = 'apiKey';
export const HTTP_SIGNATURE = 'httpSignature';

/**
 * Opens a route to every caller who holds all of these scopes, keys and signed clients too. Without it a route is for
 * the sessions of people alone.
 */
export const Scopes = (...scopes: Scope[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(REQUIRED_SCOPES, scopes),
    ApiBearerAuth(),
    ApiSecurity(API_KEY),
    ApiSecurity(HTTP_SIGNATURE),
  );
