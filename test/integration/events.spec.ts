import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { DatabaseSettings } from '../../src/platform/database/database.js';
import { PgEvents } from '../../src/platform/events/pg-events.js';
import { eventually } from '../support/eventually.js';
import { until } from '../support/rates.js';
import { Relay } from '../support/relay.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

describe('news between processes', () => {
  let database: TestDatabase;
  let sender: DataSource;
  let events: PgEvents;
  const heard: unknown[] = [];
  let gaps = 0;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await testDatabase();
    sender = database.dataSource;
    events = new PgEvents(new DatabaseSettings(database.url, database.url));
    events.subscribe(
      'news',
      (payload) => {
        if (payload === 'burst') throw new Error('a handler that fails');
        heard.push(payload);
      },
      () => (gaps += 1),
    );
    await events.onApplicationBootstrap();
  });
  afterAll(async () => {
    await events.onApplicationShutdown();
    await database.drop();
  });

  const tell = (payload: unknown) => sender.transaction((tx) => PgEvents.publish(tx, 'news', payload));
  const isHeard = (payload: unknown) =>
    until(
      () => heard,
      () => heard.some((item) => JSON.stringify(item) === JSON.stringify(payload)),
    );

  it('arrive when the transaction commits, in order, and never when it does not', async () => {
    await expect(
      sender.transaction(async (tx) => {
        await PgEvents.publish(tx, 'news', 'of nothing');
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await tell({ quote: 'KRW' });
    await tell('second');
    await isHeard('second');
    expect(heard).toEqual([{ quote: 'KRW' }, 'second']);
    expect(gaps).toBe(1);
  });

  it('survive what is no JSON, and a handler that throws', async () => {
    await sender.query(`SELECT pg_notify('news', '{half')`);
    await tell('burst');
    await tell('after the storm');
    await isHeard('after the storm');
    expect(events.listening).toBe(true);
  });

  it('are heard again after the connection was cut, and the gap is told', async () => {
    const before = gaps;
    await sender.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'hackonomics-events' AND datname = current_database()`,
    );
    await until(
      () => gaps,
      (count) => count > before,
    );
    expect(events.listening).toBe(true);
    await tell('back again');
    await isHeard('back again');
  });

  it('are refused when they are too long to be sent', async () => {
    await expect(tell('x'.repeat(8_000))).rejects.toThrow(RangeError);
  });
});

it('a listener whose connection hangs does not count as listening after a second, and does again when it answers', async () => {
  const database = await testDatabase();
  const relay = await Relay.to(database.url);
  const events = new PgEvents(new DatabaseSettings(database.url, relay.url));
  events.subscribe(
    'news',
    () => undefined,
    () => undefined,
  );
  try {
    await events.onApplicationBootstrap();
    expect(events.listening).toBe(true);
    relay.hang();
    await eventually('nobody listens', () => Promise.resolve(!events.listening), 2_000);
    relay.goOn();
    await eventually('somebody listens again', () => Promise.resolve(events.listening));
  } finally {
    relay.goOn();
    await events.onApplicationShutdown();
    relay.close();
    await database.drop();
  }
});
