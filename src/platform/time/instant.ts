import { parseIsoDate } from './iso-date.js';

const SHAPE = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** The instant of an RFC 3339 timestamp with its zone; undefined where the text is none, or names a day that is none. */
export function parseInstant(text: string): Date | undefined {
  const [, day] = SHAPE.exec(text) ?? [];
  return day === undefined || parseIsoDate(day) === undefined ? undefined : new Date(text);
}
