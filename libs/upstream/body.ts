import { pipeline, type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { UpstreamError } from './upstream-error.js';

/** What {@link decoded} understands, in the words of `Accept-Encoding`. */
export const ACCEPTED_ENCODINGS = 'gzip, br';

interface BodyLimits {
  readonly upstream: string;
  readonly encoding: string | undefined;
  readonly maxBytes: number;
}

/**
 * The decompressed body, cut off as soon as it passes `maxBytes`. A compressed stream that ends early fails, which is
 * why axios does not unpack it: it flushes what came and reports no error.
 */
export function decoded(raw: Readable, { upstream, encoding, maxBytes }: BodyLimits): Readable {
  const steps = [decoder(encoding, upstream), cap(maxBytes, upstream)].filter((step) => step !== undefined);
  const body = steps.at(-1) ?? raw;
  // The last step is destroyed with the first error of any; whoever reads it sees that error.
  pipeline([raw, ...steps], () => undefined);
  // The reader may have left already (an early error); without a listener Node would end the process.
  body.on('error', () => undefined);
  return body;
}

function decoder(encoding: string | undefined, upstream: string): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return createInflate();
    default:
      throw new UpstreamError('malformed', upstream, { detail: 'a content encoding that was not asked for' });
  }
}

function cap(maxBytes: number, upstream: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new UpstreamError('too_large', upstream, { detail: `more than ${maxBytes} bytes` }));
      else done(null, chunk);
    },
  });
}

/** The lines of UTF-8 text, without their `\n` or `\r\n`; a last line without a break counts, an empty one does not. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    parts[0] = rest + (parts[0] ?? '');
    rest = parts.pop() ?? '';
    for (const line of parts) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest.endsWith('\r') ? rest.slice(0, -1) : rest;
}
