const LONGEST_SECONDS = 86_400;

/**
 * `Retry-After` in seconds, 0 to a day, from either of its forms (seconds, HTTP date); undefined when absent or
 * unreadable. A date is compared with the upstream's own `Date`, where it sent one, so that clocks need not agree.
 * Source: RFC 9110, 10.2.3.
 */
export function retryAfterSeconds(value: string | undefined, date: string | undefined): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST_SECONDS);
  const until = Date.parse(text);
  if (Number.isNaN(until)) return undefined;
  const sent = Date.parse(date ?? '');
  const from = Number.isNaN(sent) ? Date.now() : sent;
  return Math.min(Math.max(Math.ceil((until - from) / 1000), 0), LONGEST_SECONDS);
}
