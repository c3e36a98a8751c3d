import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterAttempt, cancellationOf, isFinished, JOB_STATES, type JobState, MAX_FAILURES } from './run-states.js';

const end = { succeeded: false, cancelRequested: false, interrupted: false, failures: 0 };

describe('the end of an attempt', () => {
  it.each([
    ['success', { ...end, succeeded: true }, { state: 'succeeded', failures: 0, tryAgain: false }],
    [
      'success while the process stops',
      { ...end, succeeded: true, interrupted: true },
      { state: 'succeeded', failures: 0, tryAgain: false },
    ],
    ['a cancellation', { ...end, cancelRequested: true }, { state: 'cancelled', failures: 0, tryAgain: false }],
    [
      'a cancellation at the last moment',
      { ...end, succeeded: true, cancelRequested: true },
      { state: 'cancelled', failures: 0, tryAgain: false },
    ],
    ['an interruption', { ...end, interrupted: true, failures: 3 }, { state: 'queued', failures: 3, tryAgain: true }],
    ['a failure', end, { state: 'queued', failures: 1, tryAgain: true }],
    [
      'the last failure',
      { ...end, failures: MAX_FAILURES - 1 },
      { state: 'failed', failures: MAX_FAILURES, tryAgain: false },
    ],
  ])('is told from %s', (_, attempt, expected) => {
    expect(afterAttempt(attempt)).toEqual(expected);
  });

  it('leads every job to an end, after so many failures at most, however often it is interrupted', () => {
    const ending = fc.record({
      succeeded: fc.boolean(),
      cancelRequested: fc.boolean(),
      interrupted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(ending, { maxLength: 40 }), (endings) => {
        let failures = 0;
        let faults = 0;
        let state: JobState = 'queued';
        for (const one of endings) {
          const after = afterAttempt({ ...one, failures });
          if (!one.succeeded && !one.cancelRequested && !one.interrupted) faults += 1;
          expect(after.failures).toBe(faults);
          // Only what waits is tried again: no job is both over and in the queue, or neither.
          expect(after.tryAgain).toBe(!isFinished(after.state));
          ({ state, failures } = after);
          if (isFinished(state)) break;
        }
        expect(faults).toBeLessThanOrEqual(MAX_FAILURES);
        expect(state === 'failed').toBe(faults === MAX_FAILURES);
      }),
    );
  });
});

it('cancels what is under way, once, and nothing that has ended otherwise', () => {
  expect(Object.fromEntries(JOB_STATES.map((state) => [state, cancellationOf(state)]))).toEqual({
    queued: 'at_once',
    running: 'requested',
    cancelled: 'nothing',
    succeeded: 'refused',
    failed: 'refused',
  });
});
