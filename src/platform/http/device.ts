import type { Request } from 'express';
import { addressOf } from './address.js';
import { requestId } from './request-id.js';

const MAX_USER_AGENT = 500;

/** Where a request comes from, as far as it tells. */
export interface Device {
  /** IPv4 or IPv6, as `TRUST_PROXY` lets us believe it; null where it cannot be told. */
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
}

export function deviceOf(request: Request): Device {
  return {
    address: addressOf(request) ?? null,
    userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
    requestId: request.res === undefined ? '' : requestId(request.res),
  };
}
