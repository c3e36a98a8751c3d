import type { Request } from 'express';

/** Whether the caller would rather have JSON than a page: programs say so, browsers never do. */
export function prefersJson(request: Request): boolean {
  return request.accepts(['text/html', 'application/json']) === 'application/json';
}
