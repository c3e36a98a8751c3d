import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RefreshTokens, tokenHash } from '../../src/auth/sessions/refresh-token.js';
import { SessionEntity } from '../../src/auth/sessions/session.entity.js';
import { SessionsService } from '../../src/auth/sessions/sessions.service.js';
import { AppError } from '../../src/platform/errors/errors.js';
import { SettableClock } from '../support/settable-clock.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const SESSIONS = 40;
const REFRESHES = 50;
const DEVICE = { address: null, userAgent: null, requestId: 'a-request-id' };

let server: TestApp;
let sessions: SessionsService;
beforeAll(async () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  // The clock stands still: all of a storm happens within the grace.
  server = await startTestApp({
    env: { ROLE: 'api', JWT_PRIVATE_KEY: key },
    clock: new SettableClock('2026-08-03T09:00:00Z'),
  });
  sessions = server.app.get(SessionsService, { strict: false });
});
afterAll(() => server.stop());

/** A session with its tokens so far, oldest first; the last is in force when the storm begins. */
interface Family {
  readonly id: string;
  readonly tokens: readonly string[];
  /** How many generations old each presented token is. */
  readonly storm: readonly number[];
}

/**
 * What may be presented at once: tokens in force and their predecessors, which all yield successors; or among them some
 * two or more generations old, each of which ends the session whenever its turn comes.
 */
const storm = fc.record({
  rotations: fc.integer({ min: 0, max: 4 }),
  ages: fc.oneof(
    { weight: 2, arbitrary: arrayOf(fc.constantFrom(0)) },
    { weight: 2, arbitrary: arrayOf(fc.constantFrom(0, 0, 1)) },
    { weight: 1, arbitrary: arrayOf(fc.constantFrom(1)) },
    { weight: 1, arbitrary: arrayOf(fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3)) },
  ),
});

function arrayOf(age: fc.Arbitrary<number>): fc.Arbitrary<number[]> {
  return fc.array(age, { minLength: REFRESHES, maxLength: REFRESHES });
}

/** The successor, or undefined where the refresh is refused as it should be; anything else is thrown. */
async function refresh(token: string): Promise<string | undefined> {
  try {
    return (await sessions.refresh(sessions.genuine(token), DEVICE)).refreshToken.text;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unauthenticated' && error.code === 'session_ended')
      return undefined;
    throw error;
  }
}

async function family(person: number, { rotations, ages }: { rotations: number; ages: number[] }): Promise<Family> {
  // Two sessions of each person: the end of one must not touch the other.
  const subject = `person-${Math.floor(person / 2)}`;
  const identity = {
    issuer: 'https://issuer.example',
    subject,
    email: null,
    emailVerified: false,
    name: null,
    picture: null,
  };
  const { id, refreshToken } = await sessions.signIn(identity, DEVICE);
  const tokens = [refreshToken.text];
  while (tokens.length <= rotations) tokens.push((await refresh(tokens.at(-1) ?? '')) ?? '');
  return { id, tokens, storm: ages.map((age) => Math.min(age, rotations)) };
}

/**
 * The rules, whatever order the storm had. `successors`: answer by answer, undefined where it was refused.
 */
async function expectRules({ id, tokens, storm: ages }: Family, successors: (string | undefined)[]): Promise<void> {
  const current = tokens.at(-1) ?? '';
  const answersOf = (age: number) => successors.filter((_, at) => ages[at] === age);
  const succeeded = (age: number) => answersOf(age).filter((answer) => answer !== undefined);
  const rotated = succeeded(0).length > 0;

  // One successor of each generation, the same for everybody who asked for it.
  expect(new Set(succeeded(0)).size).toBeLessThanOrEqual(1);
  expect(new Set(succeeded(1))).toEqual(new Set(succeeded(1).length > 0 ? [current] : []));
  // What is two generations old is never answered.
  for (let age = 2; age < tokens.length; age++) expect(succeeded(age)).toEqual([]);

  // A predecessor that comes after the token in force was used has become two generations old, and ends the session.
  const mayEnd = ages.some((age) => age >= 2) || (ages.includes(0) && ages.includes(1));
  const row = await server.database.dataSource.getRepository(SessionEntity).findOneByOrFail({ id });
  const ended = row.revokedAt !== null;
  if (!mayEnd) {
    expect(ended).toBe(false);
    expect(successors.every((answer) => answer !== undefined)).toBe(true);
  }
  if (ages.some((age) => age >= 2)) expect(ended).toBe(true);
  // Nobody is refused by a session that lives, and nobody ends it but by reuse.
  if (!ended) expect(successors).not.toContain(undefined);
  expect(row.revokedBecause).toBe(ended ? 'reuse' : null);

  // Exactly one step further, or none; and what is stored is the token that was given out.
  const inForce = rotated ? (succeeded(0)[0] ?? '') : current;
  expect(row.generation).toBe(tokens.length - 1 + (rotated ? 1 : 0));
  const stored = server.app.get(RefreshTokens, { strict: false }).read(inForce);
  expect(stored && [stored.sessionId, tokenHash(stored).equals(row.tokenHash)]).toEqual([id, true]);
  expect((await refresh(inForce)) !== undefined).toBe(!ended);
}

it(`${SESSIONS} sessions that are refreshed ${REFRESHES} times at once keep to the rules`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(storm, { minLength: SESSIONS, maxLength: SESSIONS }), async (storms) => {
      const families = await Promise.all(storms.map((each, person) => family(person, each)));
      // One refresh of each session, then the next of each: as it would come in.
      const asked = Array.from({ length: REFRESHES }, (_, turn) =>
        families.map(
          ({ tokens, storm: ages }) =>
            () =>
              refresh(tokens.at(-1 - (ages[turn] ?? 0)) ?? ''),
        ),
      );
      const answers = await Promise.all(asked.flat().map((ask) => ask()));
      for (const [at, each] of families.entries()) {
        await expectRules(
          each,
          answers.filter((_, index) => index % SESSIONS === at),
        );
      }
    }),
    // Forty storms each, that have nothing to do with each other.
    { numRuns: 3, endOnFailure: true },
  );
});
