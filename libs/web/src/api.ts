/**
 * Every HTTP call of the page. Same origin, the session in cookies. The types are generated from the server's OpenAPI
 * document, so that page and server cannot drift apart unseen; the generated functions would cost the first view 10 KB.
 */
import type { ChartState, CountryEntry, NewestRate, Profile } from '../../api-client/generated/types.gen.js';
import { type Point, type Range } from './ranges.js';

export type User = Profile;
export type Country = CountryEntry;
export type ChartStatus = ChartState;
export type Rate = NewestRate;

export interface Chart {
  provider: string;
  stale: boolean;
  ranges: Record<Range, Point[]>;
}

/** What went wrong, as RFC 9457 problem details or made from a failed connection (`status` 0, code `network`). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly requestId: string | null;
  readonly fields: { field: string; message: string }[];
  /** Seconds after which the server asks to be called again; null where it does not say. */
  readonly retryAfter: number | null;

  constructor(
    status: number,
    body: { code?: string; title?: string; detail?: string; requestId?: string; errors?: Problem['fields'] },
    retryAfter: number | null = null,
    cause?: unknown,
  ) {
    super(body.detail ?? '', { cause });
    this.status = status;
    this.code = body.code ?? 'unexpected';
    this.title = body.title ?? '';
    this.requestId = body.requestId ?? null;
    this.fields = body.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/** Seconds of a `Retry-After` header, which is a number of seconds or an HTTP date. */
function retryAfterOf(response: Response): number | null {
  const value = response.headers.get('retry-after');
  if (!value) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  // A proxy in between answers HTML, or JSON that breaks off: the status alone is then all there is to say.
  const body: unknown = isJson ? await response.json().catch(() => null) : null;
  return new Problem(response.status, { requestId, ...(body as object | null) }, retryAfterOf(response));
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['content-type'] = 'application/json';
  const init = { method, headers, credentials: 'same-origin' as const, signal: AbortSignal.timeout(20_000) };
  try {
    return await fetch(path, method === 'GET' ? init : { ...init, body: JSON.stringify(body ?? {}) });
  } catch (cause) {
    throw new Problem(0, { code: 'network' }, null, cause);
  }
}

let refreshing: Promise<boolean> | null = null;

/** Rotates the session's cookies, once for all calls that wait for it. False: there is no session any more. */
function refresh(): Promise<boolean> {
  refreshing ??= send('POST', '/auth/refresh')
    .then(async (response) => {
      if (response.status >= 500) throw await problemOf(response);
      return response.ok;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

/** One request with the session's cookies, renewed once where they have run out. Throws a Problem for every failure. */
export async function call(method: string, path: string, body?: unknown): Promise<Response> {
  let response = await send(method, path, body);
  if (response.status === 401 && (await refresh())) response = await send(method, path, body);
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    throw new Problem(0, { code: 'network' }, null, cause);
  }
}

const withAsOf = (path: string, asOf: string | null): string =>
  asOf === null ? path : `${path}?asOf=${encodeURIComponent(asOf)}`;

export const loginUrl = (returnTo: string): string => `/auth/google/login?returnTo=${encodeURIComponent(returnTo)}`;

/** The signed-in user; null for a visitor without a session. */
export async function fetchMe(): Promise<User | null> {
  try {
    return await json<User>(await call('GET', '/api/users/me'));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export const fetchCountries = async (): Promise<Country[]> => json(await call('GET', '/api/countries'));

export const setCountry = async (country: string): Promise<User> =>
  json(await call('PATCH', '/api/users/me', { country }));

/** Newest rate of the user's currency at `asOf`, or today. */
export const fetchRate = async (asOf: string | null): Promise<Rate> =>
  json(await call('GET', withAsOf('/api/exchange-rate', asOf)));

/** The four ranges of the user's currency at `asOf`, or today. */
export async function fetchChart(asOf: string | null): Promise<Chart> {
  const response = await call('GET', withAsOf('/api/exchange-rate/chart', asOf));
  return {
    provider: response.headers.get('x-rates-provider') ?? '',
    stale: response.headers.get('x-rates-stale') === 'true',
    ranges: await json<Chart['ranges']>(response),
  };
}

/** Ends this device's session. A session that is already gone counts as ended. */
export async function logout(): Promise<void> {
  const response = await send('POST', '/auth/logout');
  if (!response.ok && response.status !== 401) throw await problemOf(response);
}
