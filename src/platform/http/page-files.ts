import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { NextFunction, Request, Response } from 'express';

const YEAR_SECONDS = 31_536_000;

/** In order of preference; the build writes `file.br` and `file.gz` beside a file where that saves something. */
const CODINGS = { br: '.br', gzip: '.gz' } as const;
type Coding = keyof typeof CODINGS;

interface PageFile {
  readonly type: string;
  readonly cacheControl: string;
  readonly plain: Variant;
  readonly coded: Partial<Record<Coding, Variant>>;
}

interface Variant {
  readonly body: Buffer;
  /** Strong, and another one for each content coding. */
  readonly etag: string;
}

/**
 * The files of the page, from memory, compressed once by the build. Files with a hash in their name may be kept for
 * ever; the page itself is asked for each time. `watch`: a new build is seen at the next call of the page.
 */
export function pageFiles(
  webDir: string,
  { watch }: { watch: boolean },
): (request: Request, response: Response, next: NextFunction) => void {
  const index = join(webDir, 'index.html');
  const builtAt = () => (existsSync(index) ? statSync(index).mtimeMs : 0);
  let readAt = builtAt();
  let files = readFiles(webDir);
  return (request, response, next) => {
    const path = request.path === '/' ? '/index.html' : request.path;
    if (watch && path === '/index.html' && builtAt() !== readAt) {
      readAt = builtAt();
      files = readFiles(webDir);
    }
    const file = files.get(path);
    if (file === undefined || !(request.method === 'GET' || request.method === 'HEAD')) return next();
    send(file, request, response);
  };
}

function send(file: PageFile, request: Request, response: Response): void {
  const codings = Object.keys(file.coded) as Coding[];
  const coding = codings.length === 0 ? undefined : codings.find((name) => request.acceptsEncodings(name) === name);
  const { body, etag } = (coding === undefined ? undefined : file.coded[coding]) ?? file.plain;
  if (codings.length > 0) response.vary('Accept-Encoding');
  if (coding !== undefined) response.setHeader('Content-Encoding', coding);
  response.setHeader('Cache-Control', file.cacheControl);
  response.setHeader('ETag', etag);
  // send() answers 304 and HEAD by these headers.
  response.type(file.type).send(body);
}

/** By path: `/index.html`, `/assets/index-1a2b3c.js`. Empty where the page was not built. */
function readFiles(webDir: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(webDir)) return new Map();
  const paths = readdirSync(webDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const known = new Set(paths);
  const compressed = new Set(paths.flatMap((path) => Object.values(CODINGS).map((extension) => path + extension)));
  return new Map(
    paths
      .filter((path) => !compressed.has(path))
      .map((path) => {
        const url = `/${relative(webDir, path).split(sep).join('/')}`;
        const immutable = url.startsWith('/assets/');
        const coded = Object.entries(CODINGS).filter(([, extension]) => known.has(path + extension));
        const file: PageFile = {
          type: extname(path),
          cacheControl: immutable ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
          plain: variant(path),
          coded: Object.fromEntries(coded.map(([coding, extension]) => [coding, variant(path + extension)])),
        };
        return [url, file] as const;
      }),
  );
}

function variant(path: string): Variant {
  const body = readFileSync(path);
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}
