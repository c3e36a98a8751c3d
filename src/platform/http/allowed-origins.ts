import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';

/** It travels in a cookie until the visitor is back, and five such cookies must fit into a request's headers. */
const MAX_RETURN_TO = 1_000;

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
   * is `/`. Parsed as a browser parses it, so that `//evil`, `/\evil` and control characters find no way out. The
   * answer is at most a thousand characters of ASCII, without a backslash.
   */
  returnTo(wanted: unknown): string {
    if (typeof wanted !== 'string' || wanted.length > MAX_RETURN_TO) return '/';
    const isPath = wanted.startsWith('/');
    if (!isPath && !/^https?:\/\//i.test(wanted)) return '/';
    const url = URL.parse(wanted, this.own);
    if (url === null || url.username !== '' || url.password !== '') return '/';
    if (!(isPath ? url.origin === this.own : this.allowed.has(url.origin))) return '/';
    const target = (isPath ? `${url.pathname}${url.search}${url.hash}` : url.href).replaceAll('\\', '%5C');
    // `/.//evil` is a path of ours until its dots are resolved.
    return target.length > MAX_RETURN_TO || target.startsWith('//') ? '/' : target;
  }
}
