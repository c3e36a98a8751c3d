import { MutationCache, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query';
import { fetchChart, fetchCountries, fetchMe, fetchRate, Problem, type User } from './api.js';

const ME = ['me'] as const;

/** Failures of the way, not of the request: worth one more try before the visitor hears of them. */
const passing = (error: Error): boolean => error instanceof Problem && [0, 502, 504].includes(error.status);

/** The session ended elsewhere, and renewing it failed: the page shows the sign-in. */
function onError(error: Error): void {
  if (error instanceof Problem && error.status === 401) endSession();
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      // "online" would wait without a word while the browser believes to be offline.
      networkMode: 'always',
      retry: (failures, error) => failures < 1 && passing(error),
      retryDelay: 600,
    },
    mutations: { networkMode: 'always' },
  },
});

/** What only the account view asks for begins with it. */
export const ACCOUNT = 'account';

/** Forgets everything of the person who was signed in; countries are nobody's. */
export function endSession(): void {
  queryClient.setQueryData(ME, null);
  queryClient.removeQueries({ queryKey: ['rates'] });
  queryClient.removeQueries({ queryKey: [ACCOUNT] });
}

/**
 * The browser shows a page as it left it when one goes back to it: with the figures of a person who may have signed out
 * since. Nothing of that person is shown before the server has said that the session lives.
 */
export function watchReturns(): void {
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) void queryClient.resetQueries({ queryKey: ME });
  });
}

/** The answer to a change of the profile is the new profile. */
export function userChanged(user: User): void {
  queryClient.setQueryData(ME, user);
}

/** Rates belong to the chosen currency, which is part of their key: another country never shows the old figures. */
const ratesKey = (kind: string, currency: string, asOf: string | null) => ['rates', kind, currency, asOf];

/** Milliseconds until asking again by itself; false: only when asked. */
function pollEvery(data: { provider: string } | undefined, error: Error | null): number | false {
  if (error instanceof Problem && error.code === 'rates_not_ready') {
    return Math.min(60, Math.max(1, error.retryAfter ?? 3)) * 1000;
  }
  // Made-up rates go as soon as real ones are there.
  return data?.provider === 'sample' ? 10_000 : false;
}

/** Asked again whenever the visitor comes back to the page: the session may have been ended elsewhere. */
export const meQuery = queryOptions({ queryKey: ME, queryFn: fetchMe, refetchOnWindowFocus: 'always' });

export const countriesQuery = queryOptions({
  queryKey: ['countries'],
  queryFn: fetchCountries,
  staleTime: 3_600_000,
});

export const rateQuery = (currency: string, asOf: string | null) =>
  queryOptions({
    queryKey: ratesKey('newest', currency, asOf),
    queryFn: () => fetchRate(asOf),
    refetchInterval: ({ state }) => pollEvery(state.data, state.error),
  });

export const chartQuery = (currency: string, asOf: string | null) =>
  queryOptions({
    queryKey: ratesKey('chart', currency, asOf),
    queryFn: () => fetchChart(asOf),
    refetchInterval: ({ state }) => pollEvery(state.data, state.error),
  });
