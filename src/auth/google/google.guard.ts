import { Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { AppError, Invalid, UpstreamFailed } from '../../platform/errors/errors.js';

/** Runs the Google strategy and says in our own terms how it ended. */
@Injectable()
export class GoogleGuard extends AuthGuard('google') {
  override handleRequest<TUser>(error: unknown, user: TUser | false | undefined): TUser {
    if (user !== undefined && user !== false && (error === null || error === undefined)) return user;
    const inner = (error as { oauthError?: unknown } | null | undefined)?.oauthError ?? error;
    if (inner instanceof AppError) throw inner;
    if (inner !== null && inner !== undefined) {
      throw new UpstreamFailed('google_failed', {
        detail: 'Google did not complete the sign-in. Nothing has been changed; please try again.',
        cause: inner,
      });
    }
    // Passport refuses by itself in one case alone: the state is none of this browser's.
    throw new Invalid('sign_in_unknown', {
      detail: 'This sign-in was begun in another browser, was completed already, or took longer than ten minutes.',
    });
  }
}
