import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';

/** Text that is made piece by piece, the same each time. */
export class TextSource {
  constructor(
    readonly type: string,
    /** Begins anew at each call. */
    readonly chunks: () => Iterable<string>,
    /** Of printable ASCII without quotes; with one, the text is for saving. */
    readonly fileName?: string,
  ) {}
}

/** A reader who takes nothing for so long is cut off. */
@Injectable()
export class ReaderPatience {
  milliseconds = 30_000;
}

/**
 * Sends a {@link TextSource} as it is made, no faster than it is read, so that the whole of it is never in memory. It is
 * made once before, for its length and its strong ETag: a reader can tell a part from the whole, and one who has the
 * text already gets a 304. Where the caller goes away, nothing more is made.
 */
@Injectable()
export class TextStream implements NestInterceptor {
  constructor(private readonly patience: ReaderPatience) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    return next
      .handle()
      .pipe(map((answer: unknown) => (answer instanceof TextSource ? this.send(answer, request, response) : answer)));
  }

  /** What Nest shall answer with; nothing where Express makes a 304 of it. */
  private send(
    { type, chunks, fileName }: TextSource,
    request: Request,
    response: Response,
  ): StreamableFile | undefined {
    const { length, etag } = measure(chunks());
    response.setHeader('ETag', etag);
    if (request.fresh) return undefined;
    response.setTimeout(this.patience.milliseconds, () => response.destroy());
    return new StreamableFile(Readable.from(chunks(), { objectMode: false }), {
      type,
      length,
      ...(fileName === undefined ? {} : { disposition: `attachment; filename="${fileName}"` }),
    });
  }
}

function measure(chunks: Iterable<string>): { length: number; etag: string } {
  const hash = createHash('sha256');
  let length = 0;
  for (const chunk of chunks) {
    hash.update(chunk);
    length += Buffer.byteLength(chunk);
  }
  return { length, etag: `"${hash.digest('base64url')}"` };
}
