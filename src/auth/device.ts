import type { Request } from 'express';
import type { Device } from './sessions/sessions.service.js';

/** What a request tells of the device it comes from; the address as `TRUST_PROXY` lets us believe it. */
export function deviceOf(request: Request): Device {
  return { address: request.ip ?? null, userAgent: request.headers['user-agent'] ?? null };
}
