import { serializeList } from 'structured-headers';
import type { LimitState } from './rate-limits.js';

interface WithHeaders {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

/**
 * Tells the caller how the limits stand that the request was counted against, added to what the answer tells already.
 * Source: draft-ietf-httpapi-ratelimit-headers-10 (q: quota, w: window, r: remaining, t: seconds until it is renewed).
 */
export function setLimitHeaders(response: WithHeaders, states: readonly LimitState[]): void {
  if (states.length === 0) return;
  add(response, 'RateLimit-Policy', states, ({ limit, windowSeconds }) => ({ q: limit, w: windowSeconds }));
  add(response, 'RateLimit', states, ({ remaining, resetSeconds }) => ({ r: remaining, t: resetSeconds }));
}

function add(
  response: WithHeaders,
  field: string,
  states: readonly LimitState[],
  parameters: (state: LimitState) => Record<string, number>,
): void {
  const text = serializeList(states.map((state) => [state.name, new Map(Object.entries(parameters(state)))]));
  const already = response.getHeader(field);
  response.setHeader(field, typeof already === 'string' ? `${already}, ${text}` : text);
}
