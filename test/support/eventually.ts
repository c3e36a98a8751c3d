import { setTimeout as pause } from 'node:timers/promises';

/** Resolves once it is so; rejects, with what was waited for, when it is not in time. */
export async function eventually(what: string, isSo: () => Promise<boolean>, deadlineMs = 5_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await pause(5);
  }
}
