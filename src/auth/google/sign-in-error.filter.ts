import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { describeError } from '../../platform/http/problem.js';
import { logUnexpected, ProblemFilter } from '../../platform/http/problem.filter.js';
import { requestId } from '../../platform/http/request-id.js';
import { Cookies } from '../cookies.js';
import { REFRESH_COOKIE } from '../session-cookies.js';
import { prefersJson } from './prefers-json.js';
import { sendSignInErrorPage } from './sign-in-error.page.js';

/** A browser that fails to sign in sees a calm page of ours; a program gets a problem. */
@Catch()
export class SignInErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('sign-in');
  private readonly problems = new ProblemFilter();

  constructor(private readonly cookies: Cookies) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    if (error instanceof Error && error.cause !== undefined) {
      this.logger.warn({ err: error.cause, requestId: requestId(response) }, 'a sign-in failed');
    }
    if (prefersJson(request)) {
      this.problems.catch(error, host);
      return;
    }
    const { problem, unexpected } = describeError(error, requestId(response));
    logUnexpected(this.logger, unexpected, error, problem.requestId);
    // The callback page reloaded after it did its work: the visitor is signed in, so there is nothing to explain.
    if (problem.code === 'sign_in_unknown' && this.cookies.read(request, REFRESH_COOKIE) !== undefined) {
      response.redirect(303, '/');
      return;
    }
    sendSignInErrorPage(response, problem);
  }
}
