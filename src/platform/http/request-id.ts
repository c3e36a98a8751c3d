import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

const HEADER = 'X-Request-Id';
const WELL_FORMED = /^[A-Za-z0-9._-]{8,128}$/;

/** Every answer bears an id: the caller's where it is well formed, else a new one. */
export function requestIdMiddleware(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID();
  response.setHeader(HEADER, id);
  next();
}

export function requestId(response: { getHeader(name: string): unknown }): string {
  const id = response.getHeader(HEADER);
  return typeof id === 'string' ? id : '';
}
