import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { PUBLIC_ROUTE } from '../platform/http/public.decorator.js';
import { Clock } from '../platform/time/clock.js';
import { type AnswerLife, lifeText, lifeWithin } from './domain/answer-life.js';
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
    /** Of an answer that does not depend on the caller; short unless said. */
    readonly life?: AnswerLife,
  ) {}
}

/** Whether an answer is the same for everybody, of one caller's own currency, or to be kept by nobody. */
export type Audience = 'public' | 'own' | 'nobody';

/** May be kept by the caller alone, and asked for each time: a 304 costs next to nothing. */
const OWN_LIFE = 'private, no-cache';

/** Its origin and its life, as they are at this moment. */
export function ratesHeaders(
  { origin: { provider, date, stale }, life }: Pick<RatesAnswer<unknown>, 'origin' | 'life'>,
  audience: Audience,
  now: Date,
): Record<string, string> {
  const kept = audience === 'own' ? OWN_LIFE : `public, ${lifeText(life ?? lifeWithin(now), now)}`;
  return {
    'X-Rates-Provider': provider,
    'X-Rates-Date': date,
    'X-Rates-Stale': String(stale),
    'Cache-Control': provider === SAMPLE || audience === 'nobody' ? 'no-store' : kept,
  };
}

/** Unwraps a {@link RatesAnswer} that is made for its request, and writes its origin and its life into the headers. */
@Injectable()
export class RatesHeaders implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    // The answer to a POST has no address at which it could be asked for again.
    const isPost = context.switchToHttp().getRequest<Request>().method === 'POST';
    const isPublic = this.reflector.get<boolean | undefined>(PUBLIC_ROUTE, context.getHandler()) === true;
    return next.handle().pipe(
      map((answer: unknown) => {
        if (!(answer instanceof RatesAnswer)) return answer;
        const audience = isPost ? 'nobody' : isPublic ? 'public' : 'own';
        response.set(ratesHeaders(answer, audience, this.clock.now()));
        return answer.body as unknown;
      }),
    );
  }
}
