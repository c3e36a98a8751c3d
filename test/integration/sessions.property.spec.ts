import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RefreshTokens, tokenHash } from '../../src/auth/sessions/refresh-token.js';
import { RevokedSessions } from '../../src/auth/sessions/revoked-sessions.js';
import { ABSOLUTE_MS, GRACE_MS, IDLE_MS } from '../../src/auth/sessions/session-rules.js';
import { SessionEndings } from '../../src/auth/sessions/session-endings.js';
import { SessionEntity } from '../../src/auth/sessions/session.entity.js';
import { SessionsService } from '../../src/auth/sessions/sessions.service.js';
import { AppError } from '../../src/platform/errors/errors.js';
import { SettableClock } from '../support/settable-clock.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const START = '2026-08-03T09:00:00Z';
const IDENTITY = {
  issuer: 'https://issuer.example',
  subject: 'law',
  email: null,
  emailVerified: false,
  name: null,
  picture: null,
};
const DEVICE = { address: null, userAgent: null, requestId: 'a-request-id' };

let server: TestApp;
let sessions: SessionsService;
let endings: SessionEndings;
const clock = new SettableClock(START);
beforeAll(async () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  server = await startTestApp({ env: { ROLE: 'api', JWT_PRIVATE_KEY: key }, clock });
  sessions = server.app.get(SessionsService, { strict: false });
  endings = server.app.get(SessionEndings, { strict: false });
});
afterAll(() => server.stop());

/** What may happen to one of two sessions. `back`: how many generations old the presented token is. */
type Step =
  | { readonly kind: 'refresh'; readonly session: number; readonly back: number; readonly times: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'logout'; readonly session: number };

const session = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('refresh' as const),
      session,
      back: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
      times: fc.constantFrom(1, 1, 3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(1, GRACE_MS, GRACE_MS + 1, 60_000, IDLE_MS / 2, IDLE_MS - 1, IDLE_MS, ABSOLUTE_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('logout' as const), session }) },
);

/** The contract in a few lines, without a database, a hash or a lock. */
class Model {
  /** Every token so far, oldest first: the last is in force. */
  readonly tokens: string[];
  private alive = true;
  private rotatedAt = Number.NEGATIVE_INFINITY;
  private usedAt: number;
  private readonly bornAt: number;

  constructor(
    readonly id: string,
    first: string,
    now: number,
  ) {
    this.tokens = [first];
    this.usedAt = now;
    this.bornAt = now;
  }

  /** What a refresh must do, and does it to the model. */
  refresh(back: number, now: number): 'new' | 'same' | 'refused' {
    if (!this.usableAt(now)) return 'refused';
    if (back === 0) {
      this.rotatedAt = now;
      this.usedAt = now;
      return 'new';
    }
    if (back === 1 && now - this.rotatedAt <= GRACE_MS) return 'same';
    this.end();
    return 'refused';
  }

  usableAt(now: number): boolean {
    return this.alive && now - this.usedAt < IDLE_MS && now - this.bornAt < ABSOLUTE_MS;
  }

  end(): void {
    this.alive = false;
  }
}

async function open(): Promise<Model> {
  const { id, refreshToken } = await sessions.signIn(IDENTITY, DEVICE);
  return new Model(id, refreshToken.text, clock.now().getTime());
}

/** The successor, or undefined where the refresh is refused. */
async function refresh(token: string): Promise<string | undefined> {
  try {
    return (await sessions.refresh(sessions.genuine(token), DEVICE)).refreshToken.text;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unauthenticated') return undefined;
    throw error;
  }
}

async function play(model: Model, { back, times }: Extract<Step, { kind: 'refresh' }>): Promise<void> {
  const age = Math.min(back, model.tokens.length - 1);
  const presented = model.tokens.at(-1 - age) ?? '';
  const expected = model.refresh(age, clock.now().getTime());
  const answers = await Promise.all(Array.from({ length: times }, () => refresh(presented)));
  expect(new Set(answers).size).toBe(1);
  const [successor] = answers;
  if (expected === 'refused') {
    expect(successor).toBeUndefined();
  } else if (expected === 'same') {
    expect(successor).toBe(model.tokens.at(-1));
  } else {
    expect(successor).toBeDefined();
    expect(model.tokens).not.toContain(successor);
    model.tokens.push(successor ?? '');
  }
}

describe('the life of sessions', () => {
  it('follows the rules whatever the order of events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        clock.set(START);
        const models = [await open(), await open()] as const;
        for (const event of steps) {
          if (event.kind === 'advance') {
            clock.advance(event.ms);
            continue;
          }
          const model = models[event.session === 0 ? 0 : 1];
          if (event.kind === 'refresh') {
            await play(model, event);
            continue;
          }
          await endings.logout(model.id, DEVICE);
          model.end();
        }
        for (const model of models) await expectStored(model);
      }),
      { numRuns: 30 },
    );
  });
});

it('an ended session is known to its own process at once, without waiting for the news', async () => {
  clock.set(START);
  const revoked = server.app.get(RevokedSessions, { strict: false });
  for (let at = 0; at < 20; at++) {
    const { id } = await open();
    expect(await revoked.has(id)).toBe(false);
    await endings.logout(id, DEVICE);
    expect(await revoked.has(id)).toBe(true);
  }
});

/** The row says what the model says: which generation, and that no readable token is kept. */
async function expectStored(model: Model): Promise<void> {
  const row = await server.database.dataSource.getRepository(SessionEntity).findOneByOrFail({ id: model.id });
  expect(row.generation).toBe(model.tokens.length - 1);
  const tokens = server.app.get(RefreshTokens, { strict: false });
  const current = tokens.read(model.tokens.at(-1));
  expect(current?.generation).toBe(row.generation);
  expect(current && tokenHash(current).equals(row.tokenHash)).toBe(true);
  if (model.usableAt(clock.now().getTime())) expect(row.revokedAt).toBeNull();
}
