import { describe, expect, it } from '@jest/globals';
import { ABSOLUTE_MS, decideRefresh, GRACE_MS, IDLE_MS, type SessionState } from './session-rules.js';

const NOW = new Date('2026-08-03T09:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const [current, previous, older] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)];

function session(change: Partial<SessionState> = {}): SessionState {
  return {
    lastUsedAt: ago(1_000),
    expiresAt: new Date(NOW.getTime() + ABSOLUTE_MS),
    tokenHash: current,
    previousTokenHash: previous,
    rotatedAt: ago(1_000),
    revokedAt: null,
    ...change,
  };
}

describe('what a refresh token is worth', () => {
  it.each([
    ['the one in force', session(), current, 'rotate'],
    ['the one before, at once', session({ rotatedAt: NOW }), previous, 'repeat'],
    ['the one before, after ten seconds', session({ rotatedAt: ago(GRACE_MS) }), previous, 'repeat'],
    ['the one before, later', session({ rotatedAt: ago(GRACE_MS + 1) }), previous, 'reuse'],
    ['an older one', session(), older, 'reuse'],
    [
      'an older one of a session that never rotated',
      session({ previousTokenHash: null, rotatedAt: null }),
      older,
      'reuse',
    ],
    ['any of a session that was ended', session({ revokedAt: ago(1) }), current, 'over'],
    ['an old one of a session that was ended', session({ revokedAt: ago(1) }), older, 'over'],
    ['one just before fourteen idle days', session({ lastUsedAt: ago(IDLE_MS - 1) }), current, 'rotate'],
    ['one after fourteen idle days', session({ lastUsedAt: ago(IDLE_MS) }), current, 'over'],
    ['one just before the absolute end', session({ expiresAt: new Date(NOW.getTime() + 1) }), current, 'rotate'],
    ['one at the absolute end', session({ expiresAt: NOW }), current, 'over'],
    [
      'the one before, by a clock that is behind',
      session({ rotatedAt: new Date(NOW.getTime() + 500) }),
      previous,
      'repeat',
    ],
  ])('%s', (_which, state, presented, decision) => {
    expect(decideRefresh(state, presented, NOW)).toBe(decision);
  });
});
