import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { describeError } from '../../platform/http/problem.js';
import { logFailure, ProblemFilter } from '../../platform/http/problem.filter.js';
import { requestId } from '../../platform/http/request-id.js';
import { SessionCookies } from '../session-cookies.js';
import { prefersJson } from './prefers-json.js';
import { sendSignInErrorPage } from './sign-in-error.page.js';

/** A browser that fails to sign in sees a calm page of ours; a program gets a problem. */
@Catch()
export class SignInErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('sign-in');
  private readonly problems = new ProblemFilter();

  constructor(private readonly cookies: SessionCookies) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    if (response.headersSent || prefersJson(request)) {
      this.problems.catch(error, host);
      return;
    }
    const described = describeError(error, requestId(response));
    logFailure(this.logger, error, described);
    const { problem } = described;
    // The callback page reloaded after it did its work: the visitor is signed in, so there is nothing to explain.
    if (problem.code === 'sign_in_unknown' && this.cookies.seenIn(request)) {
      response.redirect(303, '/');
      return;
    }
    sendSignInErrorPage(response, problem);
  }
}
