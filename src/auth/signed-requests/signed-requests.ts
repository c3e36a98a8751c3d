import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Config } from '../../platform/config/config.js';
import { Unauthenticated } from '../../platform/errors/errors.js';
import type { Caller } from '../../platform/http/caller.js';
import { bodyDigest, hasBody } from '../../platform/http/json-body.js';
import { Clock } from '../../platform/time/clock.js';
import { checkContentDigest } from './content-digest.js';
import { refusal } from './refusal.js';
import { covers, signatureBase } from './signature-base.js';
import { SignatureNonces } from './signature-nonces.repository.js';
import { MAC_BYTES, readSignature, type ShownSignature } from './signature-parameters.js';
import { messageOf, type SignedMessage } from './signed-message.js';
import { SigningClients } from './signing-clients.js';

/** How far the clock of a client may be from ours, either way. */
const TOLERANCE_MS = 5 * 60_000;
/** So much longer a nonce is remembered than its signature counts: the clocks of our own replicas differ too. */
const NONCE_SLACK_MS = 5 * 60_000;
/** The present secret, and the one before. */
const SECRETS = 2;

/** Knows HMAC clients by the signature of their requests (RFC 9421). How a client signs: docs/signing-requests.md. */
@Injectable()
export class SignedRequests {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly clients: SigningClients,
    private readonly nonces: SignatureNonces,
  ) {}

  isSigned({ headers }: Request): boolean {
    return headers.signature !== undefined || headers['signature-input'] !== undefined;
  }

  /**
   * Throws Unauthenticated for anything but a request that a client in force has signed, just now and not before. Until
   * the MAC is found right, nothing is told that a caller cannot see from its own request, and nothing is stored.
   */
  async verify(request: Request): Promise<Caller> {
    const message = messageOf(request, this.config.publicUrl);
    const signature = readSignature(message.field('signature-input'), message.field('signature'));
    this.checkTime(signature);
    checkCoverage(signature, message, request);
    const base = signatureBase(signature.input, message);
    const client = await this.clients.client(signature.keyId);
    const isRight = macFits(client?.secrets ?? [], base, signature.mac);
    if (client === undefined || !isRight)
      throw refusal('No client in force has signed this request. Check keyid, secret and the text that was signed.');
    const until = new Date(signature.created * 1000 + TOLERANCE_MS + NONCE_SLACK_MS);
    if (!(await this.nonces.use(signature.keyId, signature.nonce, until)))
      throw new Unauthenticated('nonce_used', {
        detail: 'This nonce was used before. Sign each request with a new one.',
      });
    this.clients.used(signature.keyId);
    return client.caller;
  }

  private checkTime({ created, expires }: ShownSignature): void {
    const now = this.clock.now().getTime();
    if (Math.abs(now - created * 1000) > TOLERANCE_MS)
      throw refusal('created is more than five minutes away from our clock.');
    if (expires !== undefined && now > expires * 1000) throw refusal('The signature has expired.');
  }
}

function checkCoverage({ input }: ShownSignature, message: SignedMessage, request: Request): void {
  for (const name of ['@method', '@target-uri'])
    if (!covers(input, name)) throw refusal(`The signature must cover "${name}".`);
  if (!covers(input, 'content-digest')) {
    if (hasBody(request)) throw refusal('With a body the signature must cover "content-digest".');
    return;
  }
  const sha256 = bodyDigest(request);
  if (sha256 === undefined) throw refusal('The body of a signed request must be JSON, with a Content-Digest.');
  checkContentDigest(message.field('content-digest'), sha256);
}

/** Takes the same time whether the client is known or not, and whichever of its secrets fits. */
function macFits(secrets: readonly Buffer[], base: string, mac: Buffer): boolean {
  const dummies = Array.from({ length: SECRETS }, () => randomBytes(MAC_BYTES));
  const fits = [...secrets, ...dummies]
    .slice(0, SECRETS)
    .map((secret) => timingSafeEqual(createHmac('sha256', secret).update(base, 'ascii').digest(), mac));
  return fits.includes(true);
}
