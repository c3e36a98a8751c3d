import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Coding } from './content-coding.js';

/** Off the event loop. A step more costs brotli ten times the work for a few percent of a chart. */
const COMPRESS: Readonly<Record<Coding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/**
 * The body of an answer as it is sent: serialized once, compressed at most once for each coding. Its tags name the
 * content, so that every process has the same ones, after every restart.
 */
export class ReadyBody {
  /** Strong, of the bytes as they are. */
  readonly etag: string;
  private readonly hash: string;
  private readonly coded = new Map<Coding, Buffer | Promise<Buffer>>();

  constructor(
    readonly type: string,
    readonly bytes: Buffer,
  ) {
    this.hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
    this.etag = `"${this.hash}"`;
  }

  static json(value: unknown): ReadyBody {
    return new ReadyBody('application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));
  }

  /** What it takes of memory at most: compressed both ways, JSON is smaller than as it is. */
  get weight(): number {
    return 2 * this.bytes.length + 1_024;
  }

  /** This, or the one before where that says the same and is compressed already. */
  orSame(before: ReadyBody | undefined): ReadyBody {
    return before?.etag === this.etag && before.type === this.type ? before : this;
  }

  etagIn(coding: Coding | undefined): string {
    return coding === undefined ? this.etag : `"${this.hash}-${coding}"`;
  }

  /** The first caller's compression is everybody's; one that failed is tried again. */
  bytesIn(coding: Coding | undefined): Buffer | Promise<Buffer> {
    return coding === undefined ? this.bytes : (this.coded.get(coding) ?? this.compress(coding));
  }

  private compress(coding: Coding): Promise<Buffer> {
    const compressing = COMPRESS[coding](this.bytes);
    this.coded.set(coding, compressing);
    compressing.then(
      (bytes) => this.coded.set(coding, bytes),
      () => this.coded.delete(coding),
    );
    return compressing;
  }
}
