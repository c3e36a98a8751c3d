import { expect, it } from '@jest/globals';
import { type CurrencyCode, currencyCode } from '../../libs/money/currency.js';
import type { PgEvents } from '../platform/events/pg-events.js';
import { ChosenCurrencies } from './chosen-currencies.js';
import type { UsersRepository } from './users.repository.js';

const KRW = currencyCode('KRW');

it('remembers no more people than it may, and those who asked last', async () => {
  const readings: (readonly string[])[] = [];
  const events = { subscribe: () => undefined, listening: true } as unknown as PgEvents;
  const users = {
    currenciesOf: (ids: readonly string[]) => {
      readings.push(ids);
      return Promise.resolve(new Map<string, CurrencyCode | null>(ids.map((id) => [id, KRW])));
    },
  } as unknown as UsersRepository;
  const chosen = new ChosenCurrencies(events, users);
  const ask = (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, at) => chosen.of(String(from + at))));

  await ask(0, 50_000);
  await ask(0, 1);
  await ask(50_000, 50_001);
  expect(readings).toHaveLength(2);
  await ask(0, 1);
  await ask(2, 50_001);
  expect(readings).toHaveLength(2);
  // The one who asked longest ago made room.
  await ask(1, 2);
  expect(readings.slice(2)).toEqual([['1']]);
});
