import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SESSION_BYTES = 16;
const GENERATION_BYTES = 4;
const SECRET_BYTES = 32;
const MAC_BYTES = 16;
const BODY_BYTES = SESSION_BYTES + GENERATION_BYTES + SECRET_BYTES;
const TEXT = /^[A-Za-z0-9_-]{91}$/;

/**
 * An opaque refresh token: session, generation, 32 secret bytes, and a MAC by which a token of ours is known without a
 * look-up. So an old generation can be told from a guess: the first is reuse and ends the session, the second is nothing.
 */
export interface RefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly text: string;
}

/** Makes, reads and succeeds refresh tokens. Neither a token nor its successor is stored: successors are derived. */
export class RefreshTokens {
  constructor(
    private readonly macKey: Buffer,
    private readonly successionKey: Buffer,
  ) {}

  first(sessionId: string): RefreshToken {
    return this.compose(sessionId, 0, randomBytes(SECRET_BYTES));
  }

  /** Undefined for anything that is not a token of ours, however close. */
  read(text: unknown): RefreshToken | undefined {
    if (typeof text !== 'string' || !TEXT.test(text)) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    // The last character carries spare bits: only the canonical spelling is the token.
    if (bytes.toString('base64url') !== text) return undefined;
    const body = bytes.subarray(0, BODY_BYTES);
    if (!timingSafeEqual(this.mac(body), bytes.subarray(BODY_BYTES))) return undefined;
    return { sessionId: uuidText(body.subarray(0, SESSION_BYTES)), generation: body.readUInt32BE(SESSION_BYTES), text };
  }

  /** The next generation, always the same for the same token: two tabs that refresh at once get the same. */
  successor(token: RefreshToken): RefreshToken {
    const secret = createHmac('sha256', this.successionKey).update(token.text).digest();
    return this.compose(token.sessionId, token.generation + 1, secret);
  }

  private compose(sessionId: string, generation: number, secret: Buffer): RefreshToken {
    const body = Buffer.alloc(BODY_BYTES);
    Buffer.from(sessionId.replaceAll('-', ''), 'hex').copy(body);
    body.writeUInt32BE(generation, SESSION_BYTES);
    secret.copy(body, SESSION_BYTES + GENERATION_BYTES);
    return { sessionId, generation, text: Buffer.concat([body, this.mac(body)]).toString('base64url') };
  }

  private mac(body: Buffer): Buffer {
    return createHmac('sha256', this.macKey).update(body).digest().subarray(0, MAC_BYTES);
  }
}

/** What is stored in a token's place. */
export function tokenHash(token: RefreshToken): Buffer {
  return createHash('sha256').update(token.text).digest();
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
