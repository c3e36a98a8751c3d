import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { PUBLIC_ROUTE } from '../platform/http/public.decorator.js';
import { SAMPLE } from './providers/sample.provider.js';

/** Where the figures of an answer come from. */
export interface RatesOrigin {
  readonly provider: string;
  readonly date: string;
  readonly stale: boolean;
}

/** A body of rates with its origin, which every such answer bears in its headers. */
export class RatesAnswer<Body> {
  constructor(
    readonly body: Body,
    readonly origin: RatesOrigin,
    /** Where the answer knows its life (`Cache-Control`) better than its route. */
    readonly life?: string,
  ) {}
}

/** Long enough to spare a busy page its repetitions, short enough that no publication is missed. */
const PUBLIC_LIFE = 'public, max-age=60';
/** May be kept by the caller alone, and asked for each time: a 304 costs next to nothing. */
const OWN_LIFE = 'private, no-cache';

/** What was known at an instant that is over does not change any more. */
export const PAST_LIFE = 'public, max-age=86400, immutable';
/** What was known a moment ago may still change by a commit that is under way. */
export const YOUNG_LIFE = 'public, no-cache';

/** Unwraps a {@link RatesAnswer} and writes its origin and its life into the headers. */
@Injectable()
export class RatesHeaders implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    const isPublic = this.reflector.get<boolean | undefined>(PUBLIC_ROUTE, context.getHandler()) === true;
    return next.handle().pipe(
      map((answer: unknown) => {
        if (!(answer instanceof RatesAnswer)) return answer;
        const { provider, date, stale } = answer.origin;
        response.set({
          'X-Rates-Provider': provider,
          'X-Rates-Date': date,
          'X-Rates-Stale': String(stale),
          'Cache-Control': answer.life ?? (provider === SAMPLE ? 'no-store' : isPublic ? PUBLIC_LIFE : OWN_LIFE),
        });
        return answer.body as unknown;
      }),
    );
  }
}
