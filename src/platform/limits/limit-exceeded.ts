import { TooMany } from '../errors/errors.js';
import type { LimitState } from './rate-limits.js';

/** A request too many. */
export class LimitExceeded extends TooMany {
  constructor(readonly state: LimitState) {
    const { limit, windowSeconds, resetSeconds } = state;
    super('too_many_requests', {
      detail: `At most ${limit} of these in ${inWords(windowSeconds)} are answered. Please try again in ${inWords(resetSeconds)}.`,
      retryAfterSeconds: resetSeconds,
    });
  }
}

function inWords(seconds: number): string {
  if (seconds === 1) return 'one second';
  if (seconds % 3_600 === 0) return seconds === 3_600 ? 'one hour' : `${seconds / 3_600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? 'one minute' : `${seconds / 60} minutes`;
  return `${seconds} seconds`;
}
