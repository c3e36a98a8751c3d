import { once } from 'node:events';
import { EmbeddedPostgresError } from '../libs/embedded-postgres/embedded-postgres-error.js';
import { RATE_PROVIDER_NAMES } from './exchange-rate/providers/providers.js';
import { loadEnvironment, readConfig } from './platform/config/environment.js';
import { InvalidEnvironment } from './platform/config/environment-reader.js';
import { StartFailed } from './platform/start-failed.js';

/** So long a stop may take before the process gives up waiting. */
const STOP_DEADLINE_MS = 29_000;

/** The life of the process, from its environment to its exit status: 0 after `stop`, at whatever point it comes. */
export async function run(stop: AbortSignal): Promise<never> {
  stop.addEventListener('abort', () => setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref());
  let state = 'cannot start';
  try {
    const config = readConfig(loadEnvironment(), { rateProviders: RATE_PROVIDER_NAMES });
    // Loaded once the environment is known to be right: a wrong one is told at once.
    const [{ start }, { banner }] = await Promise.all([import('./start.js'), import('./banner.js')]);
    const running = await start(config, stop);
    for (const line of banner(config, running)) console.log(line);
    state = 'stops';
    if (config.role !== 'migrate') await endOf(stop, running.embedded?.exited);
    await running.stop();
    process.exit(0);
  } catch (error) {
    if (stop.aborted && error === stop.reason) process.exit(0);
    console.error(isForeseen(error) ? `Hackonomics ${state}. ${error.message}` : error);
    process.exit(1);
  }
}

/** Resolves when the process is told to stop; rejects when the database has ended by itself. */
async function endOf(stop: AbortSignal, databaseEnded: Promise<Error> | undefined): Promise<void> {
  const told = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  const failed = databaseEnded?.then((error) => Promise.reject(error)) ?? told;
  await Promise.race([told, failed]);
}

/** A foreseen error is one line for the operator; anything else is ours, and shows where it happened. */
function isForeseen(error: unknown): error is Error {
  return [InvalidEnvironment, StartFailed, EmbeddedPostgresError].some((kind) => error instanceof kind);
}
