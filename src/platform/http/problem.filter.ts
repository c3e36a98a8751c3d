import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { LimitExceeded } from '../limits/limit-exceeded.js';
import { setLimitHeaders } from '../limits/limit-headers.js';
import { describeError, type DescribedError, PROBLEM_JSON } from './problem.js';
import { requestId } from './request-id.js';

/** The one place where errors become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const described = describeError(error, requestId(response));
    logFailure(this.logger, error, described);
    if (response.headersSent) {
      // Too late for an error answer: cut the connection, so that nobody takes the half for the whole.
      response.destroy();
      return;
    }
    tellWhenAgain(response, error, described);
    if (described.problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response.setHeader('Cache-Control', 'no-store');
    response.status(described.problem.status).type(PROBLEM_JSON).send(JSON.stringify(described.problem));
  }
}

/** A line for the operator wherever a request failed through no fault of its caller, with the causes that the answer hides. */
export function logFailure(logger: Logger, error: unknown, { problem, unexpected }: DescribedError): void {
  const { requestId, status } = problem;
  if (unexpected) logger.error({ err: error, requestId }, 'unexpected error');
  else if (status >= 500) logger.warn({ err: error, requestId }, 'a request failed');
}

/** When to try again, and which limit was used up. */
export function tellWhenAgain(response: Response, error: unknown, { retryAfterSeconds }: DescribedError): void {
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  if (error instanceof LimitExceeded) setLimitHeaders(response, [error.state]);
}
