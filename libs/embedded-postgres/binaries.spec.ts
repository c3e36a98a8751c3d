import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binariesInPlace, copiedBinaries, findPackage, mendLinks } from './binaries.js';
import { temporaryFolder } from './spec-support.js';

describe('the binaries', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('are found where npm put them, and run', () => {
    const found = binariesInPlace(findPackage(), undefined);
    expect(found?.major).toBeGreaterThanOrEqual(14);
    expect(found?.version).toMatch(new RegExp(`^${found?.major ?? ''}\\.`));
  });

  it('are refused in one line for platforms without any, and where npm left them out', () => {
    expect(() => findPackage('sunos-sparc')).toThrow(
      expect.objectContaining({ code: 'platform_unsupported', message: expect.stringContaining('DATABASE_URL') }),
    );
    const absent = process.platform === 'linux' ? 'darwin-x64' : 'linux-x64';
    expect(() => findPackage(absent)).toThrow(
      expect.objectContaining({ code: 'binaries_missing', message: expect.stringContaining('npm ci') }),
    );
  });

  it('get the links that an installation without scripts lacks', () => {
    const library = join(folder.path, 'native', 'lib');
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, 'libx.so.1.2'), '');
    writeFileSync(
      join(folder.path, 'native', 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]),
    );
    expect(mendLinks(folder.path)).toBe(true);
    expect(mendLinks(folder.path)).toBe(true);
    expect(readlinkSync(join(library, 'libx.so.1'))).toBe('libx.so.1.2');
  });

  it('are copied once, whole, and mended if the copy is damaged', async () => {
    const source = findPackage();
    const abandoned = join(folder.path, `${source.label}.0a1b.part`);
    mkdirSync(abandoned);
    utimesSync(abandoned, 0, 0);
    const damaged = join(folder.path, source.label, 'native', 'bin');
    mkdirSync(damaged, { recursive: true });

    const copy = await copiedBinaries(source, undefined, folder.path);
    expect(copy.postgres).toBe(join(damaged, 'postgres'));
    expect(readdirSync(folder.path)).toEqual([source.label]);
    expect(existsSync(join(folder.path, source.label, 'native', 'lib', 'libpq.a'))).toBe(false);
    await expect(copiedBinaries(source, undefined, folder.path)).resolves.toEqual(copy);
  });

  it('are called unusable where they do not run', async () => {
    mkdirSync(join(folder.path, 'package', 'native', 'bin'), { recursive: true });
    const broken = { folder: join(folder.path, 'package'), label: 'broken' };
    expect(binariesInPlace(broken, undefined)).toBeUndefined();
    await expect(copiedBinaries(broken, undefined, folder.path)).rejects.toMatchObject({ code: 'binaries_unusable' });
    expect(readdirSync(folder.path)).toEqual(['package']);
  });
});
