import { ValidateBy } from 'class-validator';
import { parseIsoDate } from '../platform/time/iso-date.js';

/** Years that a range of two years cannot leave. */
const EARLIEST_YEAR = '1990';
const LATEST = '2200';

/** A property that is a day of a query: `YYYY-MM-DD`, one that exists. */
export function IsCalendarDay(): PropertyDecorator {
  return ValidateBy({
    name: 'isCalendarDay',
    validator: {
      validate: (value) =>
        typeof value === 'string' && parseIsoDate(value) !== undefined && value >= EARLIEST_YEAR && value < LATEST,
      defaultMessage: () => `must be a date, YYYY-MM-DD, from ${EARLIEST_YEAR} on`,
    },
  });
}
