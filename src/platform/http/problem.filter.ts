import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { describeError, PROBLEM_JSON } from './problem.js';
import { requestId } from './request-id.js';

/** The one place where errors become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const described = describeError(error, requestId(response));
    logUnexpected(this.logger, described.unexpected, error, described.problem.requestId);
    if (response.headersSent) {
      // Too late for an error answer: cut the connection, so that nobody takes the half for the whole.
      response.destroy();
      return;
    }
    if (described.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(described.retryAfterSeconds));
    if (described.problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response.setHeader('Cache-Control', 'no-store');
    response.status(described.problem.status).type(PROBLEM_JSON).send(JSON.stringify(described.problem));
  }
}

export function logUnexpected(logger: Logger, unexpected: boolean, error: unknown, id: string): void {
  if (unexpected) logger.error({ err: error, requestId: id }, 'unexpected error');
}
