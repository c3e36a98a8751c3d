/** One limit: how many in a window, per address (/64 of IPv6) and per identity (user, key, client). */
export interface LimitPolicy {
  readonly windowSeconds: number;
  readonly perAddress?: number;
  readonly perIdentity?: number;
}

/** Everything that is limited by count. `RATE_LIMIT_SCALE` multiplies each. */
export const LIMIT_POLICIES = {
  /** Each of the two steps of a sign-in, ours and the way back from Google. */
  sign_in: { windowSeconds: 60, perAddress: 300 },
  /** The identity is the session. */
  refresh: { windowSeconds: 60, perAddress: 600, perIdentity: 60 },
  /** Apart from the other writes: whoever wants to leave shall not wait for what others at that address do. */
  sign_out: { windowSeconds: 60, perAddress: 600 },
  /** Tokens, keys and signatures that are none of ours. Costs the guesser's address, never what was guessed at. */
  failed_credentials: { windowSeconds: 60, perAddress: 30 },
  /** Every request that changes something, unless its route says otherwise. */
  writes: { windowSeconds: 60, perAddress: 600, perIdentity: 120 },
  /** A POST that changes nothing: it costs some arithmetic, and nobody's writes. */
  simulations: { windowSeconds: 60, perAddress: 120 },
  exports: { windowSeconds: 3_600, perAddress: 60, perIdentity: 10 },
} as const satisfies Record<string, LimitPolicy>;

export type LimitName = keyof typeof LIMIT_POLICIES;

/** A limit times `RATE_LIMIT_SCALE`, rounded up and at least one; a scale of 0, which means no limits, is none for here. */
export function scaled(limit: number, scale: number): number {
  // 10 × 1.1 is 11, not 11.000000000000002.
  return Math.max(1, Math.ceil(Number((limit * scale).toPrecision(12))));
}
