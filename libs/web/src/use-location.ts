import { useSyncExternalStore } from 'react';

const CHANGED = 'hx:location';

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  window.addEventListener(CHANGED, onChange);
  return () => {
    window.removeEventListener('popstate', onChange);
    window.removeEventListener(CHANGED, onChange);
  };
}

/** One parameter of the page's URL, kept in step with it; null where it is absent or empty. */
export function useSearchParam(name: string): string | null {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  return new URLSearchParams(search).get(name) || null;
}

/** This page's path and query with one parameter changed, or left out for null. */
export function hrefWith(name: string, value: string | null): string {
  const params = new URLSearchParams(window.location.search);
  if (value === null) params.delete(name);
  else params.set(name, value);
  const query = params.toString();
  return window.location.pathname + (query && `?${query}`);
}

/** Goes to a URL of this page without loading it again. Replacing: the back button does not step through ranges. */
export function navigate(href: string, mode: 'push' | 'replace'): void {
  if (mode === 'push') window.history.pushState(null, '', href);
  else window.history.replaceState(null, '', href);
  window.dispatchEvent(new Event(CHANGED));
}
