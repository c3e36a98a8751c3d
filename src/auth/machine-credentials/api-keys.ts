import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Unauthenticated } from '../../platform/errors/errors.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { CredentialsInForce } from './credentials-in-force.js';
import { LastUses } from './last-uses.js';
import { hasExpired, secretsAt } from './machine-credential.js';
import { randomId, SecretKeeper } from './secret-keeper.js';

const ID = /^[a-z0-9]{16}$/;
/** `hx_<id>_<secret>`: the secret is base64url of 32 bytes. */
const KEY = /^hx_([a-z0-9]{16})_([A-Za-z0-9_-]{43})$/;
/** Compared with where there is no such key. */
const NO_SECRET = randomBytes(32);

/** Knows API keys by what is shown as `X-API-Key`. Of a secret only its SHA-256 is kept: 256 random bits need no salt. */
@Injectable()
export class ApiKeys extends SecretKeeper {
  readonly kind = 'api_key';
  readonly tooMany = 'too_many_keys';
  readonly title = 'API key';

  constructor(
    private readonly inForce: CredentialsInForce,
    private readonly lastUses: LastUses,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Whose key this is, where this process knows it and nothing has changed since: a SHA-256 and a look into a map. */
  known(text: string): Caller | undefined {
    const [, id, secret] = KEY.exec(text) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const found = this.inForce.peek('api_key', id);
    const now = this.clock.now();
    if (found === undefined || hasExpired(found.credential, now)) return undefined;
    if (!matches(secretsAt(found.credential, now), secret)) return undefined;
    this.lastUses.note(id);
    return found.caller;
  }

  /** Throws Unauthenticated for anything that is no key in force. */
  async verify(text: string): Promise<Caller> {
    const [, id, secret] = KEY.exec(text) ?? [];
    if (id === undefined || secret === undefined) throw invalid();
    const found = await this.inForce.find('api_key', id);
    const now = this.clock.now();
    const isRight = matches(found === undefined ? [NO_SECRET] : secretsAt(found.credential, now), secret);
    if (found === undefined || !isRight) throw invalid();
    // Told to nobody but whoever has the secret.
    if (hasExpired(found.credential, now)) {
      throw new Unauthenticated('api_key_expired', { detail: 'This API key has expired: make a new one.' });
    }
    this.lastUses.note(id);
    return found.caller;
  }

  newId(): string {
    return randomId();
  }

  isId(text: string): boolean {
    return ID.test(text);
  }

  shown(id: string, secret: string): string {
    return `hx_${id}_${secret}`;
  }

  kept(_id: string, secret: string): Buffer {
    return hashOf(secret);
  }
}

function matches(hashes: readonly Buffer[], secret: string): boolean {
  const shown = hashOf(secret);
  return hashes.some((kept) => timingSafeEqual(kept, shown));
}

function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** The same for whatever is wrong with a key. */
function invalid(): Unauthenticated {
  return new Unauthenticated('api_key_invalid', { detail: 'This API key is not valid.' });
}
