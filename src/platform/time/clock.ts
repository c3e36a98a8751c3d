import { Injectable } from '@nestjs/common';
import { isoDateOf, type IsoDate } from './iso-date.js';

/** The only source of time in the application: a test sets it, nothing else reads the system clock. */
export abstract class Clock {
  abstract now(): Date;

  /** Today's date in UTC. */
  today(): IsoDate {
    return isoDateOf(this.now());
  }
}

@Injectable()
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}
