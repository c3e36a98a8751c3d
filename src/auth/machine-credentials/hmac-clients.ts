import { Injectable, Logger } from '@nestjs/common';
import { Secrets } from '../../platform/config/secrets.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { CredentialsInForce } from './credentials-in-force.js';
import { LastUses } from './last-uses.js';
import { hasExpired, secretsAt } from './machine-credential.js';
import { open, seal } from './sealed-secret.js';
import { randomId, SecretKeeper } from './secret-keeper.js';

const KEY_ID = /^hc_[a-z0-9]{16}$/;

/** Whose signature it would be, and with which secrets. */
export interface HmacClientInForce {
  readonly caller: Caller;
  /** 32 bytes each: the secret in force, then the one before it while that still counts. */
  readonly secrets: readonly Buffer[];
}

/** Knows HMAC clients by their `keyid`. Their secrets are needed to verify signatures, so they are sealed, not hashed. */
@Injectable()
export class HmacClients extends SecretKeeper {
  readonly kind = 'hmac_client';
  readonly tooMany = 'too_many_clients';
  readonly title = 'HMAC client';
  private readonly logger = new Logger(HmacClients.name);
  private readonly key: Buffer;

  constructor(
    private readonly inForce: CredentialsInForce,
    private readonly lastUses: LastUses,
    private readonly clock: Clock,
    secrets: Secrets,
  ) {
    super();
    this.key = secrets.derive('hmac-client');
  }

  /** Undefined for a client that is unknown, expired, or its owner's no more. No query for one in steady use. */
  async client(keyId: string): Promise<HmacClientInForce | undefined> {
    if (!KEY_ID.test(keyId)) return undefined;
    const found = await this.inForce.find('hmac_client', keyId);
    const now = this.clock.now();
    if (found === undefined || hasExpired(found.credential, now)) return undefined;
    // Opened each time, which costs microseconds: in memory they stay sealed.
    const secrets = secretsAt(found.credential, now).map((sealed) => open(this.key, keyId, sealed));
    const readable = secrets.filter((secret) => secret !== undefined);
    if (readable.length < secrets.length) {
      this.logger.error({ keyId }, 'a secret of an HMAC client does not open: has SESSION_SECRET been changed?');
    }
    return readable.length === 0 ? undefined : { caller: found.caller, secrets: readable };
  }

  /** To be told once a signature has turned out right. */
  used(keyId: string): void {
    this.lastUses.note(keyId);
  }

  newId(): string {
    return `hc_${randomId()}`;
  }

  isId(text: string): boolean {
    return KEY_ID.test(text);
  }

  shown(_id: string, secret: string): string {
    return secret;
  }

  kept(id: string, secret: string): Buffer {
    return seal(this.key, id, Buffer.from(secret, 'base64url'));
  }
}
