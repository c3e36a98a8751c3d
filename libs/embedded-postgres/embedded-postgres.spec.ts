import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.js';
import { processesWith, query, spawnOwner, temporaryFolder } from './spec-support.js';
import { until } from './until.js';

const asRoot = process.getuid?.() === 0;
const onLinux = process.platform === 'linux';

/** Every start of a spec ends with it, also where the spec fails. */
const running: EmbeddedPostgres[] = [];
async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres(options);
  running.push(database);
  return database;
}

describe('startEmbeddedPostgres', () => {
  const folder = temporaryFolder();
  const dataDir = join(folder.path, 'data');
  const options = { dataDir, explicit: true, fallbackRoot: join(folder.path, 'fallback') };

  beforeAll(async () => {
    const database = await startEmbeddedPostgres(options);
    await query(database.url, 'CREATE TABLE kept (word text)');
    await query(database.url, `INSERT INTO kept VALUES ('from the first start')`);
    await database.stop();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((database) => database.stop()));
  });
  afterAll(() => folder.remove());

  const refusal = (given: EmbeddedPostgresOptions) =>
    start(given).then(
      () => ({ code: 'started', message: '' }),
      (error: Error & { code: string }) => ({ code: error.code, message: error.message }),
    );

  it('finds the data of the start before, with UTF-8, checksums and fsync, on loopback only', async () => {
    const database = await start(options);
    expect(await query(database.url, 'SELECT word FROM kept')).toEqual([{ word: 'from the first start' }]);
    const settings = await query(
      database.url,
      `SELECT current_user AS role, current_setting('server_encoding') AS encoding, current_setting('data_checksums') AS checksums,
              current_setting('fsync') AS fsync, current_setting('listen_addresses') AS addresses,
              current_setting('unix_socket_directories') AS sockets, upper('å') AS upper`,
    );
    expect(settings).toEqual([
      {
        role: 'hackonomics',
        encoding: 'UTF8',
        checksums: 'on',
        fsync: 'on',
        addresses: '127.0.0.1',
        sockets: '',
        upper: 'Å',
      },
    ]);
    expect(database).toMatchObject({ recovered: false, dataDir, version: expect.stringMatching(/^\d+\.\d+/) });
    expect(database.url).toMatch(
      new RegExp(`^postgres://hackonomics:[\\w-]{43}@127\\.0\\.0\\.1:${database.port}/hackonomics$`),
    );
    expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
  });

  it('lets nobody in without the password', async () => {
    const database = await start(options);
    await expect(query(database.url.replace(/:[\w-]{43}@/, ':guess@'), 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    });
  });

  it('stops as often as asked, and then nothing is left running', async () => {
    const database = await start(options);
    await Promise.all([database.stop(), database.stop()]);
    await database.stop();
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('refuses a second owner in one line that names the first', async () => {
    await start(options);
    const second = await refusal(options);
    expect(second.code).toBe('data_dir_in_use');
    expect(second.message).toMatch(
      new RegExp(`^The data folder .* is in use by process ${process.pid} .*DATA_DIR and PORT\\.$`),
    );
  });

  it('lets exactly one of several starts at the same moment win', async () => {
    const owners = [spawnOwner(options), spawnOwner(options), spawnOwner(options)];
    const answers = await Promise.all(owners.map(({ answer }) => answer));
    for (const { child } of owners) child.stdin?.end('stop\n');
    await Promise.all(
      owners.map(async ({ child }) => {
        if (child.exitCode === null) await once(child, 'exit');
      }),
    );
    expect(answers.map((answer) => answer['code'] ?? 'started').sort()).toEqual([
      'data_dir_in_use',
      'data_dir_in_use',
      'started',
    ]);
  });

  it('says so when the server ends without being asked to', async () => {
    const database = await start(options);
    const pid = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    await expect(database.exited).resolves.toMatchObject({ code: 'server_ended' });
    await database.stop();

    const again = await start(options);
    expect(again.recovered).toBe(true);
    expect(await query(again.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1 }]);
  });

  it('leaves nothing running when its owner is killed, and goes on from there', async () => {
    const { child, answer } = spawnOwner(options);
    expect(await answer).toMatchObject({ dataDir });
    child.kill('SIGKILL');
    await once(child, 'exit');
    if (onLinux) expect(await until(() => processesWith(dataDir).length === 0, 10_000)).toBe(true);

    const next = await start(options);
    expect(next.recovered).toBe(true);
    expect(await query(next.url, 'SELECT word FROM kept')).toEqual([{ word: 'from the first start' }]);
  });

  it('stops a server whose owner is dead, and starts its own', async () => {
    const first = await start(options);
    const lock = join(dataDir, 'lock');
    // As after the death of the owner and of the watcher together: the record names a process that is no more.
    const record = join(lock, readdirSync(lock).sort().at(-1) ?? '');
    writeFileSync(
      record,
      JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), identity: 'of the last boot' }),
    );
    const second = await start(options);
    expect(second.recovered).toBe(true);
    await expect(first.exited).resolves.toBeInstanceOf(Error);
    expect(await query(second.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1 }]);
  });

  it('is not misled by a lock file whose pid belongs to another program now', async () => {
    const owner = statSync(join(dataDir, 'postgres'));
    // Of the server's own user: PostgreSQL does not mind other users' processes.
    const bystander = spawn('sleep', ['60'], asRoot ? { uid: owner.uid, gid: owner.gid } : {});
    try {
      writeFileSync(
        join(dataDir, 'postgres', 'postmaster.pid'),
        `${bystander.pid}\n${dataDir}/postgres\n1\n5432\n\n127.0.0.1\n 1 1\nready   \n`,
      );
      const database = await start(options);
      expect(database.recovered).toBe(true);
      expect(bystander.exitCode).toBeNull();
      expect(bystander.signalCode).toBeNull();
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  it('sets a new password where the file with it was lost', async () => {
    const before = readFileSync(join(dataDir, 'postgres.password'), 'utf8');
    rmSync(join(dataDir, 'postgres.password'));
    const database = await start(options);
    expect(await query(database.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1 }]);
    expect(readFileSync(join(dataDir, 'postgres.password'), 'utf8')).not.toBe(before);
  });

  it('makes another database where asked to', async () => {
    const database = await start({ ...options, database: 'with "quotes"' });
    expect(await query(database.url, 'SELECT current_database() AS name')).toEqual([{ name: 'with "quotes"' }]);
  });

  it('refuses the data of another major, and a folder that is no cluster, with the way out', async () => {
    const older = join(folder.path, 'older');
    mkdirSync(join(older, 'postgres'), { recursive: true });
    writeFileSync(join(older, 'postgres', 'note.txt'), 'mine');
    // The folder is not root's for this: that alone would be refused.
    const own = asRoot ? statSync(join(dataDir, 'postgres')) : undefined;
    if (own) chownSync(join(older, 'postgres'), own.uid, own.gid);
    expect(await refusal({ ...options, dataDir: older })).toMatchObject({ code: 'data_dir_foreign' });

    writeFileSync(join(older, 'postgres', 'PG_VERSION'), '16\n');
    const { code, message } = await refusal({ ...options, dataDir: older });
    expect(code).toBe('data_dir_other_major');
    expect(message).toMatch(
      /^The data in .* was written by PostgreSQL 16 and this release brings \d+: dump it .* DATABASE_URL .*\.$/,
    );
    expect(readdirSync(join(older, 'postgres')).sort()).toEqual(['PG_VERSION', 'note.txt']);
    // The refusal has given the folder back.
    expect((await refusal({ ...options, dataDir: older })).code).toBe('data_dir_other_major');
  });

  it('makes the database anew where the first attempt was killed half-way', async () => {
    const dir = join(folder.path, 'half');
    mkdirSync(join(dir, 'postgres.initializing-0a1b', 'data'), { recursive: true });
    writeFileSync(join(dir, 'postgres.initializing-0a1b', 'data', 'PG_VERSION'), '18\n');
    const database = await start({ ...options, dataDir: dir });
    expect(await query(database.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readdirSync(dir).sort()).toEqual(['lock', 'postgres', 'postgres.log', 'postgres.password']);
  });

  it('keeps to a folder that was not named explicitly, except as root where the server may not go there', async () => {
    const closed = join(folder.path, 'closed');
    const dir = join(closed, 'project', '.data');
    mkdirSync(dir, { recursive: true });
    if (asRoot) chmodSync(closed, 0o700);
    const given = { ...options, dataDir: dir, explicit: false };

    const database = await start(given);
    if (asRoot) {
      expect(database.dataDir).toMatch(/\/fallback\/project-[0-9a-f]{10}$/);
      expect(statSync(closed).mode & 0o777).toBe(0o700);
      expect(readdirSync(dir)).toEqual([]);
    } else {
      expect(database.dataDir).toBe(dir);
    }
    await query(database.url, 'CREATE TABLE here ()');
    await database.stop();

    // Found again, also once the folder asked for has become reachable.
    if (asRoot) chmodSync(closed, 0o755);
    const again = await start(given);
    expect(again.dataDir).toBe(database.dataDir);
    await expect(query(again.url, 'SELECT FROM here')).resolves.toEqual([]);
  });

  it('refuses a folder that it cannot use, in one line', async () => {
    const closed = join(folder.path, asRoot ? 'private' : 'read-only');
    mkdirSync(closed, { mode: asRoot ? 0o700 : 0o500 });
    const { code, message } = await refusal({ ...options, dataDir: join(closed, 'data') });
    expect(code).toBe(asRoot ? 'data_dir_unreachable' : 'data_dir_not_writable');
    expect(message).toMatch(/^The data folder .*DATA_DIR.*\.$/);
    expect(message).not.toContain('\n');

    writeFileSync(join(folder.path, 'file'), '');
    expect((await refusal({ ...options, dataDir: join(folder.path, 'file') })).code).toBe('data_dir_not_a_folder');
    expect((await refusal({ ...options, dataDir: join(folder.path, 'file', 'below') })).code).toBe(
      'data_dir_not_a_folder',
    );
  });

  it('tells the last words of a server that does not come up', async () => {
    const settings = join(dataDir, 'postgres', 'postgresql.auto.conf');
    const before = readFileSync(settings, 'utf8');
    writeFileSync(settings, 'work_mem = plenty\n');
    try {
      const { code, message } = await refusal(options);
      expect(code).toBe('start_failed');
      expect(message).toMatch(
        /^The embedded database in .* did not start \(FATAL: .*postgresql\.auto\.conf.*\); its log is .*postgres\.log\..*$/,
      );
    } finally {
      writeFileSync(settings, before);
    }
  });
});
