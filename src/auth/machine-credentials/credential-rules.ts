import { Invalid } from '../../platform/errors/errors.js';
import { parseTimestamp } from './timestamp.js';

const MAX_LIFE_YEARS = 5;

/** When a credential shall end, as asked for. Throws Invalid for what is no timestamp, past, or too far away. */
export function expiryOf(text: string, now: Date): Date {
  const expiresAt = parseTimestamp(text);
  if (expiresAt === undefined) throw Invalid.field('expiresAt', 'must be a timestamp such as 2027-01-31T12:00:00Z');
  if (expiresAt <= now) throw Invalid.field('expiresAt', 'must be in the future');
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + MAX_LIFE_YEARS);
  if (expiresAt > latest) throw Invalid.field('expiresAt', `must be within ${MAX_LIFE_YEARS} years`);
  return expiresAt;
}
