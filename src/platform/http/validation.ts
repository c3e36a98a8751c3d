import {
  type ArgumentMetadata,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ValidationPipe,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { ValidationError } from 'class-validator';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { type FieldError, Invalid } from '../errors/errors.js';

const MAX_ERRORS = 20;
/** Far more than any body of ours has; class-transformer would follow deeper ones until the stack ends. */
const MAX_BODY_DEPTH = 20;

/** A body is a JSON object, and none is the same as an empty one. */
class RequestPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const input = metadata.type === 'body' ? bodyOf(value) : value;
    if (metadata.type === 'body' || metadata.type === 'query') refuseInherited(input);
    return super.transform(input, metadata) as Promise<unknown>;
  }
}

/** Names that every object has (`toString`, `__proto__`): class-transformer passes them over, so nobody would refuse them. */
function refuseInherited(input: unknown): void {
  const name = Object.keys(input ?? {}).find((key) => key in Object.prototype);
  if (name !== undefined) throw Invalid.field(name, 'is not known here');
}

function bodyOf(value: unknown): object {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Invalid('invalid_request', { detail: 'The body must be a JSON object.' });
  }
  if (isDeeper(value, MAX_BODY_DEPTH))
    throw new Invalid('invalid_request', { detail: 'The body is nested too deeply.' });
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Checks bodies and queries against their DTOs; unknown properties are refused, values never echoed. */
export function validationPipe(): ValidationPipe {
  return new RequestPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const fields = errors.flatMap((error) => fieldErrors(error)).slice(0, MAX_ERRORS);
      return new Invalid('invalid_request', {
        detail: fields.map((f) => `${f.field}: ${f.message}`).join('; '),
        errors: fields,
      });
    },
  });
}

function fieldErrors(error: ValidationError, parent = ''): FieldError[] {
  const field = `${parent}${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    field,
    message: rule === 'whitelistValidation' ? 'is not known here' : message.replace(`${error.property} `, ''),
  }));
  return [...own.slice(0, 1), ...(error.children ?? []).flatMap((child) => fieldErrors(child, `${field}.`))];
}

const QUERY_PARAMETER = 4; // RouteParamtypes.QUERY, which Nest does not export from a public path

/** A route that declares no query refuses every query parameter, as a DTO refuses the ones it does not know. */
@Injectable()
export class NoUndeclaredQuery implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    if (/^\/api\//i.test(request.path) && !declaresQuery(context)) {
      const unknown = Object.keys(request.query);
      if (unknown.length > 0) {
        const errors = unknown.slice(0, MAX_ERRORS).map((field) => ({ field, message: 'is not known here' }));
        throw new Invalid('invalid_request', { detail: 'This address takes no query parameters.', errors });
      }
    }
    return next.handle();
  }
}

function declaresQuery(context: ExecutionContext): boolean {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ??
    {}) as object;
  return Object.keys(parameters).some((key) => key.startsWith(`${QUERY_PARAMETER}:`));
}
