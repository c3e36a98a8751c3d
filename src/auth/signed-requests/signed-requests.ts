import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Caller } from '../../platform/http/caller.js';
import { Unauthenticated } from '../../platform/errors/errors.js';

/** Knows HMAC clients by the signature of their requests (RFC 9421). */
@Injectable()
export class SignedRequests {
  isSigned({ headers }: Request): boolean {
    return headers.signature !== undefined || headers['signature-input'] !== undefined;
  }

  /** Throws Unauthenticated for anything but a request that a client in force has signed, just now and not before. */
  async verify(_request: Request): Promise<Caller> {
    return Promise.reject(new Unauthenticated('signature_invalid', { detail: 'The signature is not valid.' }));
  }
}
