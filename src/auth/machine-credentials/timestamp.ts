import { Temporal } from 'temporal-polyfill';

const SHAPE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** The instant of an RFC 3339 timestamp, to the millisecond; undefined for other text, or a day that does not exist. */
export function parseTimestamp(text: string): Date | undefined {
  if (!SHAPE.test(text)) return undefined;
  try {
    return new Date(Temporal.Instant.from(text).epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
