/** Life of a session and of its refresh tokens, in milliseconds. */
export const IDLE_MS = 14 * 24 * 3_600_000;
export const ABSOLUTE_MS = 30 * 24 * 3_600_000;
/** So long the previous token still yields the same successor: two tabs, a lost answer. */
export const GRACE_MS = 10_000;

export interface SessionState {
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly tokenHash: Buffer;
  readonly previousTokenHash: Buffer | null;
  readonly rotatedAt: Date | null;
  readonly revokedAt: Date | null;
}

/**
 * `rotate`: the token in force; `repeat`: the one before, within the grace; `reuse`: a token of ours that was succeeded
 * long ago, so that somebody holds a copy; `over`: the session has ended already.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'reuse' | 'over';

/** What a presented token of this session, known to be genuine, is worth now. */
export function decideRefresh(session: SessionState, presentedHash: Buffer, now: Date): RefreshDecision {
  if (session.revokedAt !== null || isOver(session, now)) return 'over';
  if (session.tokenHash.equals(presentedHash)) return 'rotate';
  const isPrevious = session.previousTokenHash?.equals(presentedHash) === true;
  const inGrace = session.rotatedAt !== null && now.getTime() - session.rotatedAt.getTime() <= GRACE_MS;
  return isPrevious && inGrace ? 'repeat' : 'reuse';
}

export function isOver(session: Pick<SessionState, 'lastUsedAt' | 'expiresAt'>, now: Date): boolean {
  return now >= session.expiresAt || now.getTime() - session.lastUsedAt.getTime() >= IDLE_MS;
}
