import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder } from './folder-claim.js';
import { processIdentity } from './process-identity.js';
import { temporaryFolder } from './spec-support.js';

describe('claimFolder', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  const records = () => readdirSync(join(folder.path, 'lock'));
  const write = (number: number, content: string) => {
    mkdirSync(join(folder.path, 'lock'), { recursive: true });
    writeFileSync(join(folder.path, 'lock', String(number)), content);
  };
  const record = (pid: number, identity: string | undefined, released = false) =>
    JSON.stringify({ pid, identity, since: '2026-01-02T03:04:05.000Z', released });

  it('takes a free folder, and again once it is released', () => {
    const first = claimFolder(folder.path);
    expect(first.predecessorDied).toBe(false);
    first.release();
    first.release();
    expect(claimFolder(folder.path).predecessorDied).toBe(false);
    expect(records()).toEqual(['2']);
  });

  it('refuses while the owner lives, and tells its pid and since when', () => {
    write(7, record(process.ppid, processIdentity(process.ppid)));
    expect(() => claimFolder(folder.path)).toThrow(
      expect.objectContaining({
        code: 'data_dir_in_use',
        message: expect.stringMatching(new RegExp(`process ${process.ppid} \\(since 2026-01-02T`)),
      }),
    );
    expect(records()).toEqual(['7']);
  });

  it('takes over from a dead owner, also where its pid is in use again', () => {
    write(7, record(process.ppid, 'another boot'));
    expect(claimFolder(folder.path).predecessorDied).toBe(true);
    expect(records()).toEqual(['8']);
    expect(JSON.parse(readFileSync(join(folder.path, 'lock', '8'), 'utf8'))).toMatchObject({
      pid: process.pid,
      released: false,
    });
  });

  it('takes over where a power cut left an empty record or a draft', () => {
    write(3, '');
    writeFileSync(join(folder.path, 'lock', '.draft-0a'), '{');
    expect(claimFolder(folder.path).predecessorDied).toBe(true);
    expect(records()).toEqual(['4']);
  });

  it('goes by the highest record alone', () => {
    write(9, record(process.ppid, processIdentity(process.ppid), true));
    write(8, record(process.ppid, processIdentity(process.ppid)));
    expect(claimFolder(folder.path).predecessorDied).toBe(false);
    expect(records()).toEqual(['10']);
  });
});
