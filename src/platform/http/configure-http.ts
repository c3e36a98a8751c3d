import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { Config } from '../config/config.js';
import { answerBrokenRequests, requireHost } from './broken-requests.js';
import { InFlight } from './in-flight.js';
import { jsonBody } from './json-body.js';
import { pageFiles } from './page-files.js';
import { requestIdMiddleware } from './request-id.js';

const MAX_BODY_BYTES = 64 * 1024;
const YEAR_SECONDS = 31_536_000;
const EXPOSED_HEADERS = [
  'ETag',
  'Location',
  'Content-Disposition',
  'X-Request-Id',
  'X-Rates-Provider',
  'X-Rates-Date',
  'X-Rates-Stale',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
];

/** Everything about HTTP that holds for all routes: ids, headers, origins, body limits, the page's files. */
export function configureHttp(app: NestExpressApplication, webDir: string): void {
  const config = app.get(Config);
  answerBrokenRequests(app.getHttpServer());
  app.set('trust proxy', config.trustProxy);
  app.set('etag', 'strong');
  app.disable('x-powered-by');
  app.use(app.get(InFlight).middleware);
  app.use(requestIdMiddleware);
  app.use(securityHeaders(config));
  app.use(requireHost);
  app.use('/docs', contentSecurity(DOCS_STYLES));
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: [...config.corsOrigins],
      credentials: true,
      maxAge: 600,
      exposedHeaders: EXPOSED_HEADERS,
    });
  }
  app.use(jsonBody(MAX_BODY_BYTES));
  app.use(pageFiles(webDir, { watch: !config.production }));
}

type Middleware = ReturnType<typeof helmet>;

function securityHeaders(config: Config): Middleware {
  return helmet({
    contentSecurityPolicy: policy(PAGE_STYLES),
    strictTransportSecurity: config.publicUrl.startsWith('https:') ? { maxAge: YEAR_SECONDS } : false,
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    xFrameOptions: { action: 'deny' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
}

const PAGE_STYLES = [`'self'`];
/** Swagger UI writes styles into its elements. */
const DOCS_STYLES = [`'self'`, `'unsafe-inline'`];

function contentSecurity(styles: string[]): Middleware {
  return helmet.contentSecurityPolicy(policy(styles));
}

/** Scripts, styles and data come from here alone, and pictures of people from Google. */
function policy(styleSrc: string[]): Parameters<typeof helmet.contentSecurityPolicy>[0] {
  return {
    useDefaults: false,
    directives: {
      defaultSrc: [`'self'`],
      styleSrc,
      imgSrc: [`'self'`, 'data:', 'https://*.googleusercontent.com'],
      objectSrc: [`'none'`],
      baseUri: [`'none'`],
      formAction: [`'self'`],
      frameAncestors: [`'none'`],
    },
  };
}
