import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import yauzl from 'yauzl';
import { Dataset } from './dataset.js';
import { ECB_CSV_PATH, ECB_ZIP_PATH, ecbCsv, startEcbFile, writeEcbFile } from './ecb-file.js';
import { type StandInServer } from './server.js';
import { zipOf } from './zip.js';

const dataset = new Dataset({ from: '2022-12-01', to: '2026-08-07' });
let today = '2026-08-07';
let server: StandInServer;

beforeAll(async () => {
  server = await startEcbFile({ dataset, today: () => today });
});

afterAll(() => server.close());

/** Names and contents, by a reader that is not ours; it checks sizes, we the checksum by reading to the end. */
function unzip(zip: Buffer): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(zip, { lazyEntries: true, validateEntrySizes: true }, (error, file) => {
      if (error) return reject(error);
      const found: Record<string, string> = {};
      file.on('error', reject);
      file.on('end', () => resolve(found));
      file.on('entry', (entry: yauzl.Entry) => {
        file.openReadStream(entry, (failed, stream) => {
          if (failed) return reject(failed);
          text(stream).then((content) => {
            found[entry.fileName] = content;
            file.readEntry();
          }, reject);
        });
      });
      file.readEntry();
    });
  });
}

test('the CSV: 41 columns, newest first, a comma at each end, N/A for no rate', () => {
  const [head = '', ...lines] = ecbCsv(dataset, today).trimEnd().split('\n');
  expect(head.startsWith('Date,USD,JPY,BGN,')).toBe(true);
  expect(head.endsWith(',ZAR,')).toBe(true);
  expect(head.split(',')).toHaveLength(43);
  const days = lines.map((line) => line.slice(0, 10));
  expect(days[0]).toBe('2026-08-07');
  expect(days.at(-1)).toBe('2022-12-01');
  expect(days).toEqual([...days].sort().reverse());
  expect(lines.every((line) => line.endsWith(',') && line.split(',').length === 43)).toBe(true);
  const cell = (day: string, code: string): string | undefined =>
    lines.find((line) => line.startsWith(day))?.split(',')[head.split(',').indexOf(code)];
  expect(cell('2022-12-30', 'HRK')).toMatch(/^7\.\d+$/);
  expect(cell('2023-01-02', 'HRK')).toBe('N/A');
  expect(cell('2026-08-05', 'KRW')).toBe(dataset.ecb('KRW')?.at('2026-08-05')?.rate);
});

test('the zip holds eurofxref-hist.csv, deflated or stored', async () => {
  const response = await fetch(server.url + ECB_ZIP_PATH);
  expect(response.headers.get('content-type')).toBe('application/zip');
  const csv = ecbCsv(dataset, today);
  expect(await unzip(Buffer.from(await response.arrayBuffer()))).toEqual({ 'eurofxref-hist.csv': csv });
  expect(await (await fetch(server.url + ECB_CSV_PATH)).text()).toBe(csv);
  expect(await unzip(zipOf('näme.csv', Buffer.from('a,b\n'), 'stored'))).toEqual({ 'näme.csv': 'a,b\n' });
  expect((await fetch(`${server.url}/stats`)).status).toBe(404);
});

test('ETag and Last-Modified, which a correction and a new day change', async () => {
  const first = await fetch(server.url + ECB_CSV_PATH);
  const etag = first.headers.get('etag') ?? '';
  const modified = first.headers.get('last-modified') ?? '';
  const ask = (headers: Record<string, string>): Promise<Response> => fetch(server.url + ECB_CSV_PATH, { headers });
  expect((await ask({ 'if-none-match': etag })).status).toBe(304);
  expect((await ask({ 'if-modified-since': modified })).status).toBe(304);
  expect((await ask({ 'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' })).status).toBe(200);
  dataset.correct('2026-08-05', 'KRW', '1999.99');
  const corrected = await ask({ 'if-none-match': etag });
  expect(corrected.status).toBe(200);
  expect(await corrected.text()).toContain('1999.99');
  today = '2026-08-06';
  try {
    expect(await (await ask({})).text()).not.toContain('2026-08-07');
  } finally {
    today = '2026-08-07';
  }
});

test('files for file: and path forms', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ecb-file-'));
  try {
    await writeEcbFile(join(folder, 'hist.csv'), dataset, today);
    await writeEcbFile(join(folder, 'hist.zip'), dataset, today);
    const csv = await readFile(join(folder, 'hist.csv'), 'utf8');
    expect(csv).toBe(ecbCsv(dataset, today));
    expect(await unzip(await readFile(join(folder, 'hist.zip')))).toEqual({ 'eurofxref-hist.csv': csv });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('faults are ordered as everywhere', async () => {
  const plan = server.plan({ match: /hist\.zip/, times: 1, fault: { kind: 'half' } });
  await expect(fetch(server.url + ECB_ZIP_PATH).then((response) => response.arrayBuffer())).rejects.toThrow();
  expect(plan.hits).toBe(1);
});
