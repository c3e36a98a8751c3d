import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { Unauthenticated } from '../../platform/errors/errors.js';

/** Knows API keys by what is shown as `X-API-Key`. */
@Injectable()
export class ApiKeys {
  /** Whose key this is, where this process has verified it before and nothing has changed since. */
  known(_text: string): Caller | undefined {
    return undefined;
  }

  /** Throws Unauthenticated for anything that is no key in force. */
  async verify(_text: string): Promise<Caller> {
    return Promise.reject(new Unauthenticated('api_key_invalid', { detail: 'This API key is not valid.' }));
  }
}
