import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Audit } from '../../audit/audit.js';
import { deviceOf } from '../../platform/http/device.js';
import { describeError, type Problem } from '../../platform/http/problem.js';
import { logFailure, ProblemFilter, tellWhenAgain } from '../../platform/http/problem.filter.js';
import { requestId } from '../../platform/http/request-id.js';
import { SessionCookies } from '../session-cookies.js';
import { prefersJson } from './prefers-json.js';
import { sendSignInErrorPage } from './sign-in-error.page.js';

/** A browser that fails to sign in sees a calm page of ours; a program gets a problem. */
@Catch()
export class SignInErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('sign-in');
  private readonly problems = new ProblemFilter();

  constructor(
    private readonly cookies: SessionCookies,
    private readonly audit: Audit,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const described = describeError(error, requestId(response));
    this.writeDown(described.problem, request);
    if (response.headersSent || prefersJson(request)) {
      this.problems.catch(error, host);
      return;
    }
    logFailure(this.logger, error, described);
    const { problem } = described;
    // The callback page reloaded after it did its work: the visitor is signed in, so there is nothing to explain.
    if (problem.code === 'sign_in_unknown' && this.cookies.seenIn(request)) {
      response.redirect(303, '/');
      return;
    }
    tellWhenAgain(response, error, described);
    sendSignInErrorPage(response, problem);
  }

  /** Not waited for: the visitor gets the page at once. One too many is no news, and an account that is disabled was noted with its person. */
  private writeDown({ status, code }: Problem, request: Request): void {
    if (status === 429 || code === 'account_disabled') return;
    void this.audit.recordRefusal({ action: 'sign_in.refused', person: null, reason: code, device: deviceOf(request) });
  }
}
