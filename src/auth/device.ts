import { isIP } from 'node:net';
import type { Request } from 'express';
import type { Device } from './sessions/sessions.service.js';

/** What a request tells of the device it comes from; the address as `TRUST_PROXY` lets us believe it. */
export function deviceOf(request: Request): Device {
  const address = request.ip ?? '';
  // What a proxy is believed to forward may be any text.
  return { address: isIP(address) === 0 ? null : address, userAgent: request.headers['user-agent'] ?? null };
}
