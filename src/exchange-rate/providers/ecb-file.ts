import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise } from 'yauzl';
import type { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { ProviderError } from './provider-error.js';

const NAME = 'ecb';
/** The real zip has some 600 KB, the CSV in it 2 MB. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_CSV_BYTES = 64 * 1024 * 1024;
const DEADLINE_MS = 60_000;

/** The history as CSV text, from an http(s) URL, a file URL or a path; a zip is told by its first bytes, not by its name. */
export async function ecbHistoryCsv(location: string, upstream: UpstreamClient, signal?: AbortSignal): Promise<string> {
  const bytes = await read(location, upstream, signal);
  const isZip = bytes.subarray(0, 2).toString('latin1') === 'PK';
  const csv = isZip ? await unzipped(bytes) : bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(csv);
  } catch {
    throw new ProviderError(NAME, 'malformed', 'the history file is no UTF-8 text');
  }
}

async function read(location: string, upstream: UpstreamClient, signal: AbortSignal | undefined): Promise<Buffer> {
  if (/^https?:/i.test(location)) {
    const answer = await upstream.bytes({
      upstream: NAME,
      url: location,
      deadlineMs: DEADLINE_MS,
      maxBytes: MAX_FILE_BYTES,
      maxRedirects: 3,
      // A bare CSV does not show where it ends.
      requireLength: true,
      ...(signal === undefined ? {} : { signal }),
    });
    return answer.body;
  }
  signal?.throwIfAborted();
  return await readLocal(location);
}

async function readLocal(location: string): Promise<Buffer> {
  try {
    const file = await open(/^file:/i.test(location) ? fileURLToPath(location) : location);
    try {
      const { size } = await file.stat();
      if (size > MAX_FILE_BYTES)
        throw new ProviderError(NAME, 'malformed', `a history file of over ${MAX_FILE_BYTES} bytes`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    const code = String((error as NodeJS.ErrnoException).code ?? 'unknown');
    throw new ProviderError(NAME, 'unavailable', `the history file can not be read (${code})`, { cause: error });
  }
}

async function unzipped(zip: Buffer): Promise<Buffer> {
  try {
    const archive = await fromBufferPromise(zip, { lazyEntries: true });
    for await (const entry of archive.eachEntry()) {
      if (!/\.csv$/i.test(entry.fileName)) continue;
      if (entry.uncompressedSize > MAX_CSV_BYTES) {
        throw new ProviderError(NAME, 'malformed', `a history of over ${MAX_CSV_BYTES} bytes`);
      }
      // yauzl ends the stream with an error where it holds more or less than the size announced.
      const parts: Buffer[] = [];
      for await (const part of await archive.openReadStreamPromise(entry)) parts.push(part as Buffer);
      return intact(Buffer.concat(parts), entry);
    }
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    throw new ProviderError(NAME, 'malformed', 'a zip that can not be unpacked', { cause: error });
  }
  throw new ProviderError(NAME, 'malformed', 'a zip without a CSV in it');
}

/** yauzl does not compare the checksum. */
function intact(csv: Buffer, { crc32: expected }: Entry): Buffer {
  if (crc32(csv) !== expected) throw new ProviderError(NAME, 'malformed', 'a zip with a wrong checksum');
  return csv;
}
