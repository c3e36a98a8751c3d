import { Injectable } from '@nestjs/common';
import { jwtVerify } from 'jose';
import { Clock } from '../../platform/time/clock.js';
import type { Identity } from '../../users/user.js';
import { OpenIdIssuer } from './open-id-issuer.js';

const CLOCK_TOLERANCE_SECONDS = 60;
const MAX_AGE_SECONDS = 600;

/** The ID token is the only thing that says who signs in: signature, issuer, audience, times and nonce are all checked. */
@Injectable()
export class IdTokens {
  constructor(
    private readonly issuer: OpenIdIssuer,
    private readonly clock: Clock,
  ) {}

  /** Throws where anything is not as it must be. */
  async identityOf(idToken: string, nonce: string): Promise<Identity> {
    const client = await this.issuer.client();
    const { payload } = await jwtVerify(idToken, this.issuer.keys, {
      issuer: [client.issuer, client.issuer.replace(/^https:\/\/(accounts\.google\.com)$/, '$1')],
      audience: client.clientId,
      algorithms: ['RS256', 'ES256'],
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: MAX_AGE_SECONDS,
      currentDate: this.clock.now(),
    });
    const { sub, azp, email, email_verified: verified, name, picture } = payload;
    if (payload.nonce !== nonce) throw new Error('the ID token answers another sign-in (nonce)');
    if (azp !== undefined && azp !== client.clientId) throw new Error('the ID token was issued to another client (azp)');
    if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw new Error('the ID token has no usable subject');
    return {
      // One person stays one account, whichever of its two spellings Google uses for itself.
      issuer: client.issuer,
      subject: sub,
      email: text(email, 320),
      emailVerified: verified === true || verified === 'true',
      name: text(name, 200),
      picture: httpsUrl(picture),
    };
  }
}

function text(claim: unknown, maxLength: number): string | null {
  return typeof claim === 'string' && claim !== '' ? claim.slice(0, maxLength) : null;
}

function httpsUrl(claim: unknown): string | null {
  const url = text(claim, 2_000);
  return url !== null && URL.canParse(url) && new URL(url).protocol === 'https:' ? url : null;
}
