import { Injectable } from '@nestjs/common';
import { jwtVerify } from 'jose';
import { Clock } from '../../platform/time/clock.js';
import type { Identity } from '../../users/user.js';
import { OpenIdIssuer } from './open-id-issuer.js';

const CLOCK_TOLERANCE_SECONDS = 60;
const MAX_AGE_SECONDS = 600;
/** OpenID Connect Core, section 2: at most 255 characters of ASCII. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

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
    if (Array.isArray(payload.aud) && payload.aud.length > 1 && azp === undefined)
      throw new Error('the ID token is for several (aud)');
    if (azp !== undefined && azp !== client.clientId)
      throw new Error('the ID token was issued to another client (azp)');
    if (typeof sub !== 'string' || !SUBJECT.test(sub)) throw new Error('the ID token has no usable subject');
    return {
      // One person stays one account, whichever of its two spellings Google uses for itself.
      issuer: client.issuer,
      subject: sub,
      // Never a shortened one: that would be somebody else's.
      email: typeof email === 'string' && text(email, 320) === email ? email : null,
      emailVerified: verified === true || verified === 'true',
      name: text(name, 200),
      picture: httpsUrl(picture),
    };
  }
}

/** Without control characters, one of which (U+0000) PostgreSQL cannot store; null where nothing is left. */
function text(claim: unknown, maxLength: number): string | null {
  if (typeof claim !== 'string') return null;
  const clean = claim.replace(/\p{Cc}/gu, '').slice(0, maxLength);
  return clean === '' ? null : clean;
}

function httpsUrl(claim: unknown): string | null {
  const url = URL.parse(typeof claim === 'string' ? claim : '');
  return url?.protocol === 'https:' && url.href.length <= 2_000 ? url.href : null;
}
