import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { Config } from '../config/config.js';
import { requestIdMiddleware } from './request-id.js';

const MAX_BODY = '64kb';
const YEAR_SECONDS = 31_536_000;

/** Everything about HTTP that holds for all routes: ids, headers, origins, body limits, the page's files. */
export function configureHttp(app: NestExpressApplication, webDir: string): void {
  const config = app.get(Config);
  app.set('trust proxy', config.trustProxy);
  app.set('etag', 'strong');
  app.disable('x-powered-by');
  app.use(requestIdMiddleware);
  app.use(securityHeaders(config));
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: [...config.corsOrigins],
      credentials: true,
      maxAge: 600,
      exposedHeaders: ['X-Request-Id', 'X-Rates-Provider', 'X-Rates-Date', 'X-Rates-Stale', 'Retry-After'],
    });
  }
  app.useBodyParser('json', { limit: MAX_BODY });
  if (existsSync(join(webDir, 'index.html'))) app.use(page(webDir));
}

/** The page loads scripts, styles and data from here alone, and pictures of people from Google. */
function securityHeaders(config: Config): (request: Request, response: Response, next: NextFunction) => void {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: [`'self'`],
        // The chart library adds a style element of its own.
        styleSrc: [`'self'`, `'unsafe-inline'`],
        imgSrc: [`'self'`, 'data:', 'https://*.googleusercontent.com'],
        objectSrc: [`'none'`],
        baseUri: [`'none'`],
        formAction: [`'self'`],
        frameAncestors: [`'none'`],
      },
    },
    strictTransportSecurity: config.publicUrl.startsWith('https:') ? { maxAge: YEAR_SECONDS } : false,
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
}

/** Files with a hash in their name may be kept for ever; the page itself is asked for each time. */
function page(webDir: string): express.RequestHandler {
  return express.static(webDir, {
    redirect: false,
    setHeaders: (response: Response, path: string) => {
      const immutable = path.startsWith(join(webDir, 'assets'));
      response.setHeader('Cache-Control', immutable ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    },
  });
}
