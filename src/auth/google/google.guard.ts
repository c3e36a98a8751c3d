import { Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { AppError, Forbidden, Invalid, UpstreamFailed } from '../../platform/errors/errors.js';

/** Runs the Google strategy and says in our own terms how it ended. */
@Injectable()
export class GoogleGuard extends AuthGuard('google') {
  override handleRequest<TUser>(error: unknown, user: TUser | false | undefined, info: unknown): TUser {
    if (error instanceof AppError) throw error;
    const inner = (error as { oauthError?: unknown } | undefined)?.oauthError;
    if (inner instanceof AppError) throw inner;
    if (error !== null && error !== undefined) {
      throw new UpstreamFailed('google_failed', {
        detail: 'Google did not complete the sign-in. Nothing has been changed; please try again.',
        cause: error,
      });
    }
    if (user !== undefined && user !== false) return user;
    if ((info as { message?: unknown } | undefined)?.message === 'state') {
      throw new Invalid('sign_in_unknown', {
        detail: 'This sign-in was begun in another browser, was completed already, or took longer than ten minutes.',
      });
    }
    throw new Forbidden('sign_in_denied', { detail: 'The sign-in was cancelled. Nothing has been changed.' });
  }
}
