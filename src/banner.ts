import { CurrencyList } from './exchange-rate/currency-list.js';
import type { Config } from './platform/config/config.js';
import type { Running } from './start.js';

/** What is in use, for whoever started it; the last line is the one that scripts wait for. */
export function banner(config: Config, running: Running): string[] {
  const { embedded } = running;
  if (config.role === 'migrate') return ['The database schema is up to date.'];
  const lines = [
    `  Database  ${embedded === undefined ? 'PostgreSQL at DATABASE_URL' : `embedded PostgreSQL ${embedded.version}, data in ${embedded.dataDir}`}`,
    ...(config.role === 'worker' ? [] : [`  Sign-in   ${signIn(config)}`]),
    `  Rates     ${config.rateProviders.join(', then ')}; ${storedRates(running)}`,
  ];
  if (embedded?.recovered === true)
    lines.push('  Note      the last run was not stopped in order; the database has recovered');
  return [
    '',
    ...lines,
    '',
    config.role === 'worker' ? 'Hackonomics worker is ready' : `Hackonomics is ready at ${config.publicUrl}`,
  ];
}

function signIn({ google }: Config): string {
  return google.kind === 'google'
    ? `Google (${google.issuer})`
    : 'built-in development sign-in, no Google account needed';
}

function storedRates({ app }: Running): string {
  const entries = app?.get(CurrencyList, { strict: false }).entries() ?? [];
  const stored = entries.filter(({ last, provider }) => last !== null && provider !== 'sample');
  if (stored.length === 0) return 'none stored yet, the first two years are fetched first';
  const newest = stored.map(({ last }) => last ?? '').reduce((a, b) => (a > b ? a : b));
  return `${stored.length} currencies stored, newest of ${newest}`;
}
