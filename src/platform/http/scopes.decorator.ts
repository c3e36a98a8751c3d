import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Scope } from './caller.js';

export const REQUIRED_SCOPES = 'hackonomics:scopes';

/**
 * Opens a route to every caller who holds all of these scopes, keys and signed clients too. Without it a route is for
 * the sessions of people alone.
 */
export const Scopes = (...scopes: Scope[]): CustomDecorator => SetMetadata(REQUIRED_SCOPES, scopes);
