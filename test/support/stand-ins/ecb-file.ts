import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type Dataset } from './dataset.js';
import { todayInUtc } from './days.js';
import { type Answer } from './faults.js';
import { type RecordedRequest, type ServerOptions, StandInServer } from './server.js';
import { zipOf } from './zip.js';

export const ECB_ZIP_PATH = '/stats/eurofxref/eurofxref-hist.zip';
export const ECB_CSV_PATH = '/stats/eurofxref/eurofxref-hist.csv';

export interface EcbFileOptions extends ServerOptions {
  readonly dataset: Dataset;
  /** Asked at each request; later days are not in the file. By default today in UTC. */
  readonly today?: () => string;
}

/** `www.ecb.europa.eu` with its history file, as {@link ECB_ZIP_PATH} and {@link ECB_CSV_PATH}. */
export function startEcbFile({ dataset, today = todayInUtc, ...options }: EcbFileOptions): Promise<StandInServer> {
  let kept: { key: string; csv: Buffer; zip: Buffer; changed: Date } | undefined;
  const handler = (request: RecordedRequest): Answer => {
    const day = today();
    const key = `${day} ${dataset.version}`;
    if (kept?.key !== key) {
      const csv = Buffer.from(ecbCsv(dataset, day));
      // Only a change of the file is a change of its date.
      const changed = kept?.csv.equals(csv) ? kept.changed : new Date();
      kept = { key, csv, zip: zipOf('eurofxref-hist.csv', csv), changed };
    }
    if (request.path === ECB_ZIP_PATH) return fileAnswer(request, kept.zip, 'application/zip', kept.changed);
    if (request.path === ECB_CSV_PATH) return fileAnswer(request, kept.csv, 'text/csv', kept.changed);
    return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html><body>Not found</body></html>' };
  };
  return StandInServer.start(handler, options);
}

/** Writes the history to a file: a zip where the path ends so, else the bare CSV. */
export async function writeEcbFile(path: string, dataset: Dataset, today = todayInUtc()): Promise<void> {
  const csv = Buffer.from(ecbCsv(dataset, today));
  await writeFile(path, path.endsWith('.zip') ? zipOf('eurofxref-hist.csv', csv) : csv);
}

/** Newest first, every column ever, `N/A` for no rate, a comma at each line's end. */
export function ecbCsv(dataset: Dataset, today = todayInUtc()): string {
  const codes = dataset.ecbCodes;
  const lines = new Map<string, string[]>();
  codes.forEach((code, column) => {
    for (const { date, rate } of dataset.ecb(code)?.between('', today) ?? []) {
      const line = lines.get(date) ?? new Array<string>(codes.length).fill('N/A');
      line[column] = rate;
      lines.set(date, line);
    }
  });
  const days = [...lines.keys()].sort().reverse();
  const rows = days.map((day) => `${day},${(lines.get(day) as string[]).join(',')},\n`);
  return `Date,${codes.join(',')},\n${rows.join('')}`;
}

function fileAnswer(request: RecordedRequest, body: Buffer, type: string, changed: Date): Answer {
  const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
  const headers = {
    'content-type': type,
    etag,
    'last-modified': changed.toUTCString(),
    'cache-control': 'max-age=300',
  };
  const { 'if-none-match': tag, 'if-modified-since': since } = request.headers;
  // HTTP dates have whole seconds.
  const isOld = since !== undefined && Math.floor(changed.getTime() / 1000) * 1000 <= Date.parse(since);
  if (tag === undefined ? isOld : tag === etag) return { status: 304, headers };
  return { status: 200, headers, body };
}
