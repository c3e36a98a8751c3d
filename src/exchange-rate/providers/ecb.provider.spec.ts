import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HttpService } from '@nestjs/axios';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { Dataset } from '../../../test/support/stand-ins/dataset.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../../../test/support/real-ecb-file.js';
import { ECB_CSV_PATH, ECB_ZIP_PATH, startEcbFile } from '../../../test/support/stand-ins/ecb-file.js';
import { zipOf } from '../../../test/support/stand-ins/zip.js';
import { isoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import { EcbProvider } from './ecb.provider.js';
import { collect, CONTRACT_TODAY, describeRateProvider } from './provider.contract.js';

const CSV = 'Date,USD,JPY,TRL,TRY,\n2025-03-04,1.0557,156.90,N/A,38.4600,\n2025-03-03,1.0465,157.75,N/A,38.1,\n';
const ALWAYS = { from: isoDate('1999-01-01'), to: isoDate('2025-12-31') };

describe('EcbProvider', () => {
  const upstream = new UpstreamClient(new HttpService());
  const dataset = new Dataset({ from: '2024-10-01', to: CONTRACT_TODAY });
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecb-provider-'));
  });
  afterAll(async () => {
    upstream.onApplicationShutdown();
    await rm(folder, { recursive: true });
  });

  const providerAt = (ecbHistoryUrl: string): EcbProvider =>
    new EcbProvider({ ecbHistoryUrl, frankfurterUrl: '', rateProviders: [] }, upstream);

  const fileWith = async (content: string | Buffer): Promise<string> => {
    const path = join(folder, `history-${++files}`);
    await writeFile(path, content);
    return path;
  };

  const read = async (content: string | Buffer): Promise<Observation[]> =>
    collect(providerAt(await fileWith(content)), ALWAYS);

  const brief = (rows: readonly Observation[]): string[] =>
    rows.map(({ date, base, quote, rate }) => `${date} ${base}${quote} ${rate}`);

  const EXPECTED = [
    '2025-03-04 EURUSD 1.0557',
    '2025-03-04 EURJPY 156.90',
    '2025-03-04 EURTRY 38.4600',
    '2025-03-03 EURUSD 1.0465',
    '2025-03-03 EURJPY 157.75',
    '2025-03-03 EURTRY 38.1',
  ];

  for (const path of [ECB_ZIP_PATH, ECB_CSV_PATH]) {
    describeRateProvider(`ecb from ${path}`, async () => {
      const server = await startEcbFile({ dataset, today: () => CONTRACT_TODAY });
      return {
        provider: providerAt(`${server.url}${path}`),
        spoil: () => void server.plan({ fault: { kind: 'half', cut: 'clean' } }),
        close: () => server.close(),
      };
    });
  }

  it('keeps digits and order as published, and leaves N/A out', async () => {
    expect(brief(await read(CSV))).toEqual(EXPECTED);
  });

  it.each([
    ['a byte order mark and CRLF', `\u{feff}${CSV.replaceAll('\n', '\r\n')}`],
    ['no comma at the line ends', CSV.replaceAll(',\n', '\n')],
    ['blank lines', `${CSV}\n\n`],
    ['a deflated zip', zipOf('eurofxref-hist.csv', Buffer.from(CSV))],
    ['a stored zip', zipOf('HISTORY.CSV', Buffer.from(CSV), 'stored')],
  ])('reads a file with %s', async (_what, content) => {
    expect(brief(await read(content))).toEqual(EXPECTED);
  });

  it('reads a file URL, whatever its name', async () => {
    const path = await fileWith(zipOf('a.csv', Buffer.from(CSV)));
    expect(brief(await collect(providerAt(pathToFileURL(path).href), ALWAYS))).toEqual(EXPECTED);
  });

  it.each([
    ['an empty file', '', /middle of a line/],
    ['an HTML page', '<!DOCTYPE html>\n<html></html>\n', /header/],
    ['another header', CSV.replace('Date', 'Day'), /header/],
    ['a header with a column twice', CSV.replace('JPY', 'USD'), /header/],
    ['a header without USD', CSV.replace('USD', 'GBP'), /header/],
    ['a header alone', 'Date,USD,\n', /without a rate/],
    ['a column too few', CSV.replace('157.75,', ''), /2025-03-03/],
    ['a column too many', CSV.replace('157.75,', '157,75,'), /2025-03-03/],
    ['no date', CSV.replace('2025-03-03', '2025-02-29'), /2025-02-29/],
    ['a zero', CSV.replace('157.75', '0'), /JPY on 2025-03-03/],
    ['a negative rate', CSV.replace('157.75', '-157.75'), /JPY on 2025-03-03/],
    ['junk', CSV.replace('157.75', '#REF!'), /JPY on 2025-03-03/],
    ['an empty cell', CSV.replace('157.75', ''), /JPY on 2025-03-03/],
    ['an end in the middle of a line', CSV.slice(0, -8), /middle of a line/],
    ['no UTF-8', Buffer.concat([Buffer.from(CSV), Buffer.from([0xff, 0x0a])]), /UTF-8/],
    ['a zip without a CSV', zipOf('readme.txt', Buffer.from(CSV)), /without a CSV/],
    ['half a zip', zipOf('a.csv', Buffer.from(CSV)).subarray(0, 80), /unpacked/],
  ])('refuses a file with %s', async (_what, content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      name: 'ProviderError',
      kind: 'malformed',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a zip whose text does not fit its checksum', async () => {
    const zip = zipOf('a.csv', Buffer.from(CSV), 'stored');
    zip[zip.indexOf('157.75') + 2] = '8'.charCodeAt(0);
    await expect(read(zip)).rejects.toThrow(/checksum/);
  });

  it('refuses a zip bomb by the size it announces', async () => {
    const bomb = zipOf('a.csv', Buffer.alloc(65 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(200_000);
    await expect(read(bomb)).rejects.toThrow(/over \d+ bytes/);
  });

  it('refuses a zip bomb that announces less than it holds', async () => {
    const bomb = zipOf('a.csv', Buffer.alloc(65 * 1024 * 1024));
    // The sizes before packing, in the local header and in the central directory.
    bomb.writeUInt32LE(1000, 22);
    bomb.writeUInt32LE(1000, bomb.indexOf('PK\x01\x02', 'latin1') + 24);
    await expect(read(bomb)).rejects.toThrow(/unpacked/);
  });

  it('says that a file is not there, and that it may come', async () => {
    await expect(collect(providerAt(join(folder, 'nowhere.csv')), ALWAYS)).rejects.toMatchObject({
      name: 'ProviderError',
      kind: 'unavailable',
      message: 'ecb: unavailable, the history file can not be read (ENOENT)',
    });
    await expect(collect(providerAt(folder), ALWAYS)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('lets failures of the transport pass as they are', async () => {
    const server = await startEcbFile({ dataset, today: () => CONTRACT_TODAY });
    server.plan({ fault: { kind: 'half', cut: 'connection' }, times: 1 });
    const provider = providerAt(`${server.url}${ECB_CSV_PATH}`);
    await expect(collect(provider, ALWAYS)).rejects.toMatchObject({ name: 'UpstreamError', kind: 'unreachable' });
    server.plan({ fault: { kind: 'status', status: 503 }, times: 1 });
    await expect(collect(provider, ALWAYS)).rejects.toMatchObject({ name: 'UpstreamError', status: 503 });
    await server.close();
  });

  describeWithRealFile('with the real file', () => {
    it('reads all of it', async () => {
      const rows = await collect(providerAt(REAL_ECB_FILE), ALWAYS);
      expect(rows.length).toBeGreaterThan(200_000);
      expect(rows.at(-1)?.date).toBe('1999-01-04');
      expect(brief(rows)).toContain('2005-01-03 EURTRY 1.815');
    });
  });
});
