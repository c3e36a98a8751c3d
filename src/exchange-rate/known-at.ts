import { parseInstant } from '../platform/time/instant.js';

/** Years that a range of two years cannot leave. */
export const EARLIEST_YEAR = '1990';
const EARLIEST = new Date(`${EARLIEST_YEAR}-01-01T00:00:00Z`);

/**
 * The instant of `?knownAt=`: RFC 3339 with its zone, from 1990 on; undefined for anything else. A bare `+09:00` in an
 * address arrives as ` 09:00`: nothing but a plus can have stood there.
 */
export function parseKnownAt(text: string): Date | undefined {
  const instant = parseInstant(text.replace(/ (?=\d\d:\d\d$)/, '+'));
  return instant !== undefined && instant >= EARLIEST ? instant : undefined;
}

/**
 * What was stored by an instant is certain only after this time. A figure bears the time at which its transaction was
 * begun and appears with its commit; the deadlines of a store add up to less than two minutes (5 s for a connection,
 * 5 s for its turn, 15 s for each of its six statements). The rest is for clocks that differ.
 */
const SETTLED_AFTER_MS = 5 * 60_000;

/** True where nothing can be added any more to what was stored by then. */
export function isSettled(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() > SETTLED_AFTER_MS;
}
