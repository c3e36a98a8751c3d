import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';

/** Our own origin and the ones in CORS_ORIGINS, compared exactly. */
@Injectable()
export class AllowedOrigins {
  private readonly allowed: ReadonlySet<string>;
  private readonly own: string;

  constructor(config: Config) {
    this.own = new URL(config.publicUrl).origin;
    this.allowed = new Set([this.own, ...config.corsOrigins]);
  }

  allows(origin: string): boolean {
    return this.allowed.has(origin);
  }

  /**
   * Where to send the visitor after sign-in: a path of our own, or an absolute URL of an allowed origin; anything else
   * is `/`. Parsed as a browser parses it, so that `//evil`, `/\evil` and control characters find no way out.
   */
  returnTo(wanted: unknown): string {
    if (typeof wanted !== 'string' || wanted === '' || wanted.length > 2000) return '/';
    const isPath = wanted.startsWith('/');
    if (!isPath && !/^https?:\/\//i.test(wanted)) return '/';
    if (!URL.canParse(wanted, this.own)) return '/';
    const url = new URL(wanted, this.own);
    if (url.username !== '' || url.password !== '') return '/';
    if (isPath) return url.origin === this.own ? `${url.pathname}${url.search}${url.hash}` : '/';
    return this.allowed.has(url.origin) ? url.href : '/';
  }
}
