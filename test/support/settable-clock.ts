import { Clock } from '../../src/platform/time/clock.js';

/** A clock that stands still until it is set. */
export class SettableClock extends Clock {
  private instant: Date;

  /** An RFC 3339 instant such as `2026-04-13T18:00:00Z`. */
  constructor(instant: string) {
    super();
    this.instant = new Date(instant);
  }

  now(): Date {
    return new Date(this.instant);
  }

  set(instant: string): void {
    this.instant = new Date(instant);
  }

  advance(milliseconds: number): void {
    this.instant = new Date(this.instant.getTime() + milliseconds);
  }
}
