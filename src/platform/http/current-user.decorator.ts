import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { Unauthenticated } from '../errors/errors.js';
import { type Caller, callerOf } from './caller.js';

/** The signed-in caller; an error on a route that is public. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(context.switchToHttp().getRequest<Request>());
  if (caller === undefined) throw new Unauthenticated('not_signed_in');
  return caller;
});
