import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ServerLog } from './server-log.js';
import { temporaryFolder } from './spec-support.js';

describe('ServerLog', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'server.log');
  });
  afterEach(() => folder.remove());

  it('tells whole lines, however the bytes arrive, and keeps the last 20', () => {
    const told: string[] = [];
    const log = new ServerLog(path, (line) => told.push(line));
    log.write(Buffer.from('one\ntw'));
    log.write(Buffer.from('o\n\nthree'));
    expect(told).toEqual(['one', 'two']);
    expect(log.tail()).toEqual(['one', 'two', 'three']);
    for (let line = 0; line < 30; line++) log.write(Buffer.from(`\n${line}`));
    expect(log.tail()).toHaveLength(21);
    expect(log.tail().at(-1)).toBe('29');
    log.close();
  });

  it('begins anew at each start and keeps the log before', () => {
    for (const text of ['first', 'second', 'third']) {
      const log = new ServerLog(path, () => undefined);
      log.write(Buffer.from(text));
      log.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('third');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('second');
  });

  it('never takes more than twice its limit', () => {
    const log = new ServerLog(path, () => undefined, 100);
    for (let line = 0; line < 50; line++) log.write(Buffer.from(`line ${String(line).padStart(4, '0')}\n`));
    log.close();
    expect(statSync(path).size).toBeLessThanOrEqual(100);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(100);
    expect(readFileSync(path, 'utf8')).toContain('line 0049');
  });

  it('survives a file that cannot be written any more, and says so', () => {
    const told: string[] = [];
    const log = new ServerLog(path, (line) => told.push(line), 10);
    log.write(Buffer.from('12345678\n'));
    folder.remove();
    log.write(Buffer.from('after\n'));
    log.write(Buffer.from('more\n'));
    expect(told).toEqual(['12345678', expect.stringContaining('is closed'), 'after', 'more']);
  });
});
