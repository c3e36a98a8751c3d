import { QueryFailedError } from 'typeorm';

/** Of PostgreSQL itself: it starts, stops, has no connection left, or gave up waiting for a lock or on a statement. */
const SQL_STATES = /^(08...|53...|55P03|57014|57P0[1-5])$/;
/** Of the way to it. */
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);
/** pg gives no code for these. */
const MESSAGES =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error)/;

/** Whether an error of a query only says that the database cannot be reached or is too busy: the request may be made again. */
export function isDatabaseAway(error: unknown): boolean {
  const inner: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (!(inner instanceof Error)) return false;
  const code = String((inner as { code?: unknown }).code);
  const byDatabase = error instanceof QueryFailedError && SQL_STATES.test(code);
  return byDatabase || SYSTEM_CODES.has(code) || MESSAGES.test(inner.message);
}
