import { Unauthenticated } from '../../platform/errors/errors.js';

/** A signature that does not count. The detail names the rule that was not kept, never a value of the request. */
export function refusal(detail: string, cause?: unknown): Unauthenticated {
  return new Unauthenticated('signature_invalid', { detail, cause });
}
