import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Scope } from './caller.js';

export const REQUIRED_SCOPES = 'hackonomics:scopes';

/** Narrows a route to callers who hold all of these scopes. */
export const Scopes = (...scopes: Scope[]): CustomDecorator => SetMetadata(REQUIRED_SCOPES, scopes);
