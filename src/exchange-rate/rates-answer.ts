import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';

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
  ) {}
}

@Injectable()
export class RatesOriginHeaders implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((answer: unknown) => {
        if (!(answer instanceof RatesAnswer)) return answer;
        const { provider, date, stale } = answer.origin;
        response.set({ 'X-Rates-Provider': provider, 'X-Rates-Date': date, 'X-Rates-Stale': String(stale) });
        return answer.body as unknown;
      }),
    );
  }
}
