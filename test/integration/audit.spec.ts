import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Audit } from '../../src/audit/audit.js';
import type { AuditEvent, AuditSearch } from '../../src/audit/audit-event.js';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import { UserEntity } from '../../src/users/user.entity.js';
import { SettableClock } from '../support/settable-clock.js';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/test-database.js';

const REFUSED = /audit_events is append-only/;

let database: TestDatabase;
let events: AuditEventsRepository;
let audit: Audit;
let log: AuditLog;
const clock = new SettableClock('2026-08-03T09:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
  events = new AuditEventsRepository(database.dataSource.getRepository(AuditEventEntity));
  audit = new Audit(events, clock);
  log = new AuditLog(events);
});
afterAll(() => database.drop());

/** The rows go only with their table's trigger: nothing else empties it. */
beforeEach(() =>
  database.dataSource.transaction(async (tx) => {
    await tx.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_stay_all');
    await tx.query('TRUNCATE audit_events');
    await tx.query('ALTER TABLE audit_events ENABLE TRIGGER audit_events_stay_all');
  }),
);

const device = (who: string) => ({ address: '192.0.2.7', userAgent: `Browser of ${who}`, requestId: `request-${who}` });

function write(...lines: readonly AuditEvent[]): Promise<void> {
  return database.dataSource.transaction(async (tx) => {
    for (const line of lines) await audit.record(tx, line);
  });
}

const all = () => database.dataSource.getRepository(AuditEventEntity).find({ order: { id: 'ASC' } });
const query = (sql: string, values: unknown[] = []) => database.dataSource.query<unknown>(sql, values);

/** What `work` does while this person is being erased, as the trigger is told. */
function erasing(whom: string, work: (tx: EntityManager) => Promise<unknown>): Promise<unknown> {
  return database.dataSource.transaction(async (tx) => {
    await tx.query(`SELECT set_config('hackonomics.erasing', $1, true)`, [whom]);
    return work(tx);
  });
}

async function aUser(): Promise<string> {
  const id = randomUUID();
  const at = clock.now();
  const nothing = { email: null, emailVerified: false, name: null, picture: null, country: null, currency: null };
  const dates = { createdAt: at, lastLoginAt: at, disabledAt: null };
  await database.dataSource
    .getRepository(UserEntity)
    .insert({ id, issuer: 'https://issuer.test', subject: id, role: 'user', ...nothing, ...dates });
  return id;
}

describe('the audit log in the database', () => {
  const person = randomUUID();
  beforeEach(() => write({ action: 'sign_in.succeeded', person, device: device('minji') }));

  it.each([
    ['UPDATE', `UPDATE audit_events SET reason = 'never happened'`],
    ['UPDATE that changes nothing', 'UPDATE audit_events SET action = action'],
    ['DELETE', 'DELETE FROM audit_events'],
    ['TRUNCATE', 'TRUNCATE audit_events'],
    [
      'upsert',
      `INSERT INTO audit_events (id, at, action) OVERRIDING SYSTEM VALUE SELECT id, now(), 'session.ended' FROM audit_events
         ON CONFLICT (id) DO UPDATE SET action = excluded.action`,
    ],
    ['MERGE', `MERGE INTO audit_events e USING (SELECT 1) one ON true WHEN MATCHED THEN UPDATE SET address = NULL`],
  ])('refuses %s', async (_what, sql) => {
    const before = await all();
    await expect(query(sql)).rejects.toThrow(REFUSED);
    for (const whom of [
      'on',
      person,
      `${person}:`,
      `${person}:${randomUUID()}`,
      `${person}:${randomUUID()}' OR true`,
    ]) {
      await expect(erasing(whom, (tx) => tx.query(sql))).rejects.toThrow(REFUSED);
    }
    expect(await all()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it('refuses, while somebody is erased, whatever is not exactly that', async () => {
    const [other, pseudonym] = [randomUUID(), randomUUID()];
    await write({ action: 'user.disabled', person: other, actor: person, device: device('minji') });
    const before = await all();
    for (const change of [
      `person = '${pseudonym}'`, // address and user agent stay
      `person = '${pseudonym}', address = NULL`,
      `person = '${randomUUID()}', address = NULL, user_agent = NULL`,
      `person = NULL, address = NULL, user_agent = NULL`,
      `address = NULL, user_agent = NULL`,
      `person = '${pseudonym}', address = '192.0.2.9', user_agent = NULL`,
      `person = '${pseudonym}', address = NULL, user_agent = NULL, reason = 'x'`,
      `person = '${pseudonym}', address = NULL, user_agent = NULL, target = 'x'`,
      `person = '${pseudonym}', address = NULL, user_agent = NULL, actor = '${other}'`,
      `person = '${pseudonym}', address = NULL, user_agent = NULL, at = at - interval '1 day'`,
      `person = '${pseudonym}', address = NULL, user_agent = NULL, action = 'session.ended'`,
      `person = '${pseudonym}', address = NULL, user_agent = NULL, request_id = NULL`,
      `person = '${pseudonym}', address = NULL, user_agent = NULL, id = DEFAULT`,
    ]) {
      const sql = `UPDATE audit_events SET ${change} WHERE person = '${person}'`;
      await expect(erasing(`${person}:${pseudonym}`, (tx) => tx.query(sql))).rejects.toThrow(REFUSED);
    }
    // Nor the rows of others, nor those in which only the actor is the one who goes.
    for (const change of [`person = '${pseudonym}'`, 'address = NULL, user_agent = NULL', 'actor = NULL']) {
      const sql = `UPDATE audit_events SET ${change} WHERE person = '${other}'`;
      await expect(erasing(`${person}:${pseudonym}`, (tx) => tx.query(sql))).rejects.toThrow(REFUSED);
    }
    expect(await all()).toEqual(before);
  });

  it('takes nobody who exists for a pseudonym', async () => {
    const somebody = await aUser();
    await expect(database.dataSource.transaction((tx) => events.pseudonymise(tx, person, somebody))).rejects.toThrow(
      REFUSED,
    );
  });
});

describe('the erasure of a person', () => {
  const [minji, boss, jun] = [randomUUID(), randomUUID(), randomUUID()];
  beforeEach(() =>
    write(
      { action: 'sign_in.succeeded', person: minji, target: 'session-1', device: device('minji') },
      { action: 'sign_in.succeeded', person: jun, device: device('jun') },
      { action: 'user.disabled', person: minji, actor: boss, device: device('boss') },
      { action: 'user.enabled', person: jun, actor: minji, device: device('minji') },
      { action: 'user.enabled', person: minji, actor: minji, device: device('minji') },
      { action: 'sign_in.refused', person: null, reason: 'state_invalid', device: device('nobody') },
      { action: 'session.ended', person: minji, target: 'session-1', reason: 'idle', device: null },
    ),
  );

  it('puts one pseudonym in every place, and forgets where from that person came, and nobody else', async () => {
    const before = await all();
    await database.dataSource.transaction((tx) => audit.pseudonymise(tx, minji));
    const after = await all();
    const pseudonym = after[0]?.person;
    expect(pseudonym).toMatch(/^[0-9a-f-]{36}$/);
    expect([minji, boss, jun]).not.toContain(pseudonym);
    const erased = { address: null, userAgent: null };
    expect(after).toEqual([
      { ...before[0], person: pseudonym, ...erased },
      before[1],
      { ...before[2], person: pseudonym },
      { ...before[3], actor: pseudonym, ...erased },
      { ...before[4], person: pseudonym, actor: pseudonym, ...erased },
      before[5],
      { ...before[6], person: pseudonym },
    ]);
    expect(after[2]).toMatchObject({ actor: boss, address: '192.0.2.7', userAgent: 'Browser of boss' });
    expect(after[0]).toMatchObject({ target: 'session-1', requestId: 'request-minji', at: clock.now() });
  });

  it('is over with its statement: the rest of the transaction, and the connection after it, can change nothing', async () => {
    await expect(
      database.dataSource.transaction(async (tx) => {
        await audit.pseudonymise(tx, minji);
        await tx.query(`UPDATE audit_events SET person = NULL`);
      }),
    ).rejects.toThrow(REFUSED);
    expect((await all())[0]?.person).toBe(minji);

    const one = database.dataSource.createQueryRunner();
    try {
      for (const end of ['COMMIT', 'ROLLBACK']) {
        await one.query('BEGIN');
        await one.query(`SELECT set_config('hackonomics.erasing', $1, true)`, [`${minji}:${randomUUID()}`]);
        await one.query(end);
        expect(await one.query(`SELECT current_setting('hackonomics.erasing', true) AS left`)).toEqual([{ left: '' }]);
      }
      await one.startTransaction();
      await audit.pseudonymise(one.manager, minji);
      await one.commitTransaction();
      expect(await one.query(`SELECT current_setting('hackonomics.erasing', true) AS left`)).toEqual([{ left: '' }]);
      await expect(one.query('UPDATE audit_events SET address = NULL, user_agent = NULL')).rejects.toThrow(REFUSED);
    } finally {
      await one.release();
    }
  });

  it('outside of a transaction is refused', async () => {
    await expect(events.pseudonymise(database.dataSource.manager, minji, randomUUID())).rejects.toThrow(REFUSED);
  });
});

describe('reading', () => {
  const [minji, boss] = [randomUUID(), randomUUID()];
  const ids = async (search: Partial<AuditSearch> = {}) =>
    (await events.newest({ limit: 1_000, ...search })).map(({ id }) => Number(id));

  it('gives the newest first, page after page, without a gap or a repetition while lines are added', async () => {
    for (let at = 0; at < 25; at++) {
      const action = at % 5 === 0 ? 'user.disabled' : 'sign_in.succeeded';
      await write({ action, person: at % 2 === 0 ? minji : boss, actor: at % 5 === 0 ? boss : null, device: null });
    }
    for (const search of [{}, { person: boss }, { person: minji, action: 'user.disabled' as const }]) {
      const expected = await ids(search);
      const read: number[] = [];
      for (let before: string | undefined; ;) {
        const page = await log.page({ ...search, limit: 4, before });
        read.push(...page.events.map(({ id }) => Number(id)));
        await write({ action: 'user.disabled', person: minji, actor: boss, device: null });
        if (page.next === null) break;
        expect(page.events).toHaveLength(4);
        before = page.next;
      }
      expect(read).toEqual(expected);
      expect([...read].sort((a, b) => b - a)).toEqual(read);
      expect(new Set(read).size).toBe(read.length);
    }
  });

  it('ends with a full page where there is no more', async () => {
    await write(
      ...['one', 'two'].map((target) => ({ action: 'session.ended' as const, person: minji, target, device: null })),
    );
    expect(await log.page({ limit: 2 })).toMatchObject({ events: [{ target: 'two' }, { target: 'one' }], next: null });
    expect((await log.page({ limit: 1 })).next).not.toBeNull();
    expect(await log.page({ limit: 1, before: '1' })).toEqual({ events: [], next: null });
  });

  it('finds a person as concerned and as acting, and each line once', async () => {
    await write(
      { action: 'user.enabled', person: minji, actor: boss, device: null },
      { action: 'user.enabled', person: boss, actor: boss, device: null },
      { action: 'sign_in.succeeded', person: boss, device: null },
      { action: 'sign_in.refused', person: null, device: null },
    );
    const actions = async (person: string) => (await events.newest({ person, limit: 9 })).map(({ action }) => action);
    expect(await actions(boss)).toEqual(['sign_in.succeeded', 'user.enabled', 'user.enabled']);
    expect(await actions(minji.toUpperCase())).toEqual(['user.enabled']);
    expect(await actions(randomUUID())).toEqual([]);
  });

  it('keeps to the time asked for: from its beginning, and not to its end', async () => {
    const began = clock.now();
    for (let minute = 0; minute < 4; minute++) {
      await write({ action: 'sign_in.succeeded', person: minji, target: String(minute), device: null });
      clock.advance(60_000);
    }
    const minute = (number: number) => new Date(began.getTime() + number * 60_000);
    const found = await events.newest({ from: minute(1), to: minute(3), limit: 9 });
    expect(found.map(({ target }) => target)).toEqual(['2', '1']);
    expect(found[0]?.at).toEqual(minute(2));
  });

  it('asks the indexes, however long the log is', async () => {
    const rare = randomUUID();
    await query(
      `INSERT INTO audit_events (at, action, person, actor)
       SELECT timestamptz '2026-01-01Z' + n * interval '1 minute',
              CASE WHEN n % 1000 = 0 THEN 'user.disabled' ELSE 'session.rotated' END,
              CASE WHEN n % 2 = 0 THEN $1::uuid WHEN n % 1001 = 0 THEN $3::uuid ELSE gen_random_uuid() END,
              CASE WHEN n % 1000 = 0 THEN $2::uuid END
         FROM generate_series(1, 100000) n`,
      [minji, boss, rare],
    );
    await query('ANALYZE audit_events');
    const at = (text: string) => new Date(text);
    for (const [search, index] of [
      [{}, 'audit_events_pkey'],
      [{ before: '50000' }, 'audit_events_pkey'],
      [{ person: rare }, 'audit_events_person'],
      [{ person: boss }, 'audit_events_actor'],
      // Every second line is about that person: from the end of the whole log is as good a way.
      [{ person: minji }, 'audit_events_'],
      [{ action: 'user.disabled' as const }, 'audit_events_action'],
      [{ from: at('2026-02-01T00:00:00Z'), to: at('2026-02-01T01:00:00Z') }, 'audit_events_at'],
    ] as const) {
      const plan = await planOf({ ...search, limit: 100 });
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/Seq Scan/);
    }
  });

  /** How PostgreSQL would answer this search. */
  async function planOf(search: AuditSearch): Promise<string> {
    const explained = new AuditEventsRepository({
      query: (sql: string, values: unknown[]) => database.dataSource.query(`EXPLAIN ${sql}`, values),
    } as never);
    const lines = (await explained.newest(search)) as unknown as { 'QUERY PLAN': string }[];
    return lines.map((line) => line['QUERY PLAN']).join('\n');
  }
});

describe('a line about a refusal', () => {
  it('that cannot be written throws nothing, and is in the log', async () => {
    const broken = await emptyDatabase();
    const lines: unknown[][] = [];
    const ignore = () => undefined;
    const write = (...line: unknown[]) => lines.push(line);
    Logger.overrideLogger({ error: write, warn: ignore, log: ignore, debug: ignore, verbose: ignore });
    try {
      const rows = broken.dataSource.getRepository(AuditEventEntity);
      const person = randomUUID();
      const refusal: AuditEvent = { action: 'session.reused', person, reason: 'reuse', device: device('minji') };
      // No such table; then no database at all.
      await new Audit(new AuditEventsRepository(rows), clock).recordRefusal(refusal);
      await broken.drop();
      await new Audit(new AuditEventsRepository(rows), clock).recordRefusal(refusal);
      const event = { action: 'session.reused', person, reason: 'reuse', address: '192.0.2.7', at: clock.now() };
      const expected = [
        expect.objectContaining({ err: expect.any(Error), event: expect.objectContaining(event) }),
        'a line of the audit log could not be written',
        'Audit',
      ];
      expect(lines).toEqual([expected, expected]);
    } finally {
      Logger.overrideLogger(false);
    }
  });

  it('is written where nothing else is', async () => {
    await audit.recordRefusal({
      action: 'credential.refused',
      person: null,
      reason: 'token_invalid',
      device: device('x'),
    });
    expect(await all()).toMatchObject([{ action: 'credential.refused', person: null, reason: 'token_invalid' }]);
  });
});
