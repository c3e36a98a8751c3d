import 'reflect-metadata';
import { EmbeddedPostgresError } from '../libs/embedded-postgres/embedded-postgres-error.js';
import { banner } from './banner.js';
import { RATE_PROVIDER_NAMES } from './exchange-rate/providers/providers.js';
import { loadEnvironment, readConfig } from './platform/config/environment.js';
import { InvalidEnvironment } from './platform/config/environment-reader.js';
import { StartFailed } from './platform/start-failed.js';
import { start } from './start.js';

/** So long a stop may take before the process gives up waiting. */
const STOP_DEADLINE_MS = 30_000;

try {
  const config = readConfig(loadEnvironment(), { rateProviders: RATE_PROVIDER_NAMES });
  const starting = start(config);
  stopOnSignal(starting);
  const running = await starting;
  if (config.role === 'migrate') {
    await running.stop();
    console.log('The database schema is up to date.');
  } else {
    void running.embedded?.exited.then((error) => fail(error));
    for (const line of banner(config, running)) console.log(line);
  }
} catch (error) {
  fail(error);
}

/** Both signals end the process in order, once, at whatever point of its life they come. */
function stopOnSignal(starting: ReturnType<typeof start>): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    starting
      .then((running) => running.stop())
      .then(() => process.exit(0))
      .catch((error: unknown) => fail(error));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** A foreseen error is one line for the operator; anything else is ours, and shows where it happened. */
function fail(error: unknown): never {
  const foreseen = [InvalidEnvironment, StartFailed, EmbeddedPostgresError].some((kind) => error instanceof kind);
  console.error(foreseen ? `Hackonomics cannot start. ${(error as Error).message}` : error);
  process.exit(1);
}
