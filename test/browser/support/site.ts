import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuiltServer, ready, spawnBuiltServer } from '../../support/built-server.js';
import { Dataset } from '../../support/stand-ins/dataset.js';
import { plusDays, todayInUtc } from '../../support/stand-ins/days.js';
import { writeEcbFile } from '../../support/stand-ins/ecb-file.js';
import { freePort } from '../../support/test-app.js';
import { testDatabase } from '../../support/test-database.js';

/** Days before today of which the tests ask for a chart. */
export const LONGEST_LOOK_BACK = 100;

/** Two and a half years up to today: enough for the longest range as of that day. */
export const dataset = new Dataset({ from: plusDays(todayInUtc(), -920), to: todayInUtc() });

export interface Site {
  /** The public URL: what a visitor types. */
  readonly url: string;
  readonly server: BuiltServer;
  /** Starts the server again on the same port and database, after it was stopped. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The built server on a database of its own. By default with the figures of {@link dataset} and the development sign-in. */
export async function startSite(env: Readonly<Record<string, string>> = {}): Promise<Site> {
  const database = await testDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'hackonomics-site-'));
  const ecbFile = join(folder, 'eurofxref-hist.csv');
  await writeEcbFile(ecbFile, dataset);
  const port = await freePort();
  const environment = {
    LOG_LEVEL: 'warn',
    DATABASE_URL: database.url,
    DATA_DIR: join(folder, 'data'),
    PORT: String(port),
    METRICS_PORT: '0',
    RATE_PROVIDERS: 'ecb',
    ECB_HISTORY_URL: ecbFile,
    SESSION_SECRET: 'one secret of the browser tests and of nothing else',
    ...env,
  };
  const url = `http://localhost:${port}`;
  const start = async (): Promise<BuiltServer> => {
    // In a folder of its own: no .env of the developer gets in.
    const server = spawnBuiltServer(environment, folder);
    await ready(server);
    if (env.ECB_HISTORY_URL === undefined) await ratesReady(url, plusDays(dataset.to, -LONGEST_LOOK_BACK));
    return server;
  };
  let server = await start();
  return {
    url,
    get server() {
      return server;
    },
    restart: async () => {
      server = await start();
    },
    stop: async () => {
      await server.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the chart of that day can be drawn; each request waits itself, until the server tells it to come again. */
export async function ratesReady(url: string, asOf: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(`${url}/api/exchange-rate/KRW/chart?asOf=${asOf}`);
    if (status === 200) return;
    if (status !== 503) throw new Error(`the chart of ${asOf} answered ${status}`);
  }
}

/** The dollar's price as the product must compute it from the published legs: 6 significant digits. */
export function crossRate(quote: string, date: string): number {
  const leg = (code: string): number => Number(dataset.ecb(code)?.at(date)?.rate);
  return Number((leg(quote) / leg('USD')).toPrecision(6));
}

/** The newest day with rates, at or before the given one. */
export function newestDay(quote: string, atMost = dataset.to): string {
  const point = dataset.ecb(quote)?.newest(atMost);
  if (!point) throw new Error(`no rates of ${quote} up to ${atMost}`);
  return point.date;
}
