import { type Dataset } from './dataset.js';
import { todayInUtc } from './days.js';
import { type Answer } from './faults.js';
import { type FrankfurterContext, notFound } from './frankfurter-http.js';
import { answerV1 } from './frankfurter-v1.js';
import { answerV2 } from './frankfurter-v2.js';
import { type RecordedRequest, type ServerOptions, StandInServer } from './server.js';

export interface FrankfurterOptions extends ServerOptions {
  readonly dataset: Dataset;
  /** Asked at each request, so that a test can let a day pass. By default today in UTC. */
  readonly today?: () => string;
}

/** `api.frankfurter.dev`, v1 and v2, out of a data set. */
export function startFrankfurter({
  dataset,
  today = todayInUtc,
  ...options
}: FrankfurterOptions): Promise<StandInServer> {
  return StandInServer.start((request) => answer(request, { dataset, today: today() }), options);
}

/** `api.frankfurter.app`, the old host: sends everything to v1 of the new one, without a word on CORS. */
export function startFrankfurterOldHost(options: ServerOptions & { readonly target: string }): Promise<StandInServer> {
  return StandInServer.start(
    ({ url }) => ({ status: 301, headers: { location: `${options.target}/v1${url}` } }),
    options,
  );
}

function answer(request: RecordedRequest, context: FrankfurterContext): Answer {
  if (request.method !== 'GET' && request.method !== 'HEAD') return notFound();
  const [, version, path] = /^\/(v1|v2)\/(.+)$/.exec(request.path) ?? [];
  if (path === undefined) return notFound();
  return version === 'v1' ? answerV1(request, path, context) : answerV2(request, path, context);
}
