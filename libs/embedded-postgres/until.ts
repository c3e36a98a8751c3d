import { setTimeout as pause } from 'node:timers/promises';

/** Looks every 10 ms whether it has come true; false when `patienceMs` have passed without. */
export async function until(happened: () => boolean, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (!happened()) {
    if (performance.now() > deadline) return false;
    await pause(10);
  }
  return true;
}
