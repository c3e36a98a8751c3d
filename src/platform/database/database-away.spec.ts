import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { isDatabaseAway } from './database-away.js';

const failed = (code: string | undefined, message = 'a sentence of the database') =>
  new QueryFailedError('SELECT 1', [], Object.assign(new Error(message), { code }));
const error = (code: string | undefined, message = 'x') => Object.assign(new Error(message), { code });

describe('a database that is away', () => {
  it.each([
    ['connection refused', error('ECONNREFUSED')],
    ['connection lost in the midst', failed('ECONNRESET')],
    ['being stopped', failed('57P01')],
    ['starting', failed('57P03')],
    ['no connection left', failed('53300')],
    ['disk full', failed('53100')],
    ['a lock that did not come free', failed('55P03')],
    ['a statement that took too long', failed('57014')],
    ['connection failure', failed('08006')],
    ['the pool', error(undefined, 'timeout exceeded when trying to connect')],
    ['the driver', failed(undefined, 'Query read timeout')],
    ['cut off', failed(undefined, 'Connection terminated unexpectedly')],
  ])('is known by %s', (_what, cause) => {
    expect(isDatabaseAway(cause)).toBe(true);
  });

  it.each([
    ['a constraint', failed('23505')],
    ['bad syntax', failed('42601')],
    ['a deadlock of ours', failed('40P01')],
    ['no text', failed('22021')],
    ['another error', new TypeError('no timeout exceeded')],
    ['no error', 'ECONNREFUSED'],
    ['nothing', undefined],
  ])('is not %s', (_what, cause) => {
    expect(isDatabaseAway(cause)).toBe(false);
  });
});
