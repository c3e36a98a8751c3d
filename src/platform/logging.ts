import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { Logger, LoggerModule } from 'nestjs-pino';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Options as PinoHttpOptions } from 'pino-http';
import type { LogLevel } from './config/config.js';
import { requestId } from './http/request-id.js';

/** JSON lines on stdout; readable ones on a terminal. */
export function loggerModule(level: LogLevel, terminal = process.stdout.isTTY): DynamicModule {
  const pretty = { transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', singleLine: true } } };
  return LoggerModule.forRoot({ pinoHttp: { ...httpLogOptions(level), ...(terminal ? pretty : {}) } });
}

/** A key or token that somebody has put into a path: no word of ours there is so long. */
const LONG_WORD = /[\w-]{40,}/g;

/** Requests by method and path, without query string, headers or body, which hold codes and tokens. */
export function httpLogOptions(level: LogLevel): PinoHttpOptions {
  return {
    level,
    genReqId: (_request: IncomingMessage, response: ServerResponse) => requestId(response),
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId' },
    customLogLevel: (_request: IncomingMessage, response: ServerResponse) =>
      response.statusCode >= 500 ? 'warn' : 'debug',
    // Else pino's own serializers come first, and what ours are given is no request and no error any more.
    wrapSerializers: false,
    serializers: {
      req: (request: IncomingMessage & { originalUrl?: string }) => ({
        method: request.method,
        // Express shortens `url` below a mounted router.
        path: (request.originalUrl ?? request.url ?? '').split('?', 1)[0]?.replace(LONG_WORD, '…'),
      }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
      err: (error: unknown) => describeError(error),
    },
  };
}

/** Lines that Nest writes for each module and route at each start, and its own words for what the start reports. */
const UNINTERESTING = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'NestApplicationContext',
]);

/** From here on everything is logged by pino, what was buffered during the start included. */
export function useLogger(app: INestApplicationContext): void {
  const logger = app.get(Logger);
  for (const level of ['log', 'error'] as const) {
    const write = logger[level].bind(logger);
    logger[level] = (message: unknown, ...rest: unknown[]) => {
      if (!UNINTERESTING.has(String(rest.at(-1)))) write(message, ...rest);
    };
  }
  app.useLogger(logger);
}

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: LoggedError | undefined;
}

const MAX_CAUSES = 5;

/** Name, message, stack and causes, but no other property: an HTTP client's errors carry the request with its secrets. */
function describeError(error: unknown, depth = 0): LoggedError | undefined {
  if (!(error instanceof Error))
    return error === undefined ? undefined : { type: typeof error, message: 'not an Error' };
  const { name, message, stack } = error;
  const cause = depth < MAX_CAUSES ? describeError(error.cause, depth + 1) : undefined;
  return { type: name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
