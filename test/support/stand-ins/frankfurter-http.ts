import { createHash } from 'node:crypto';
import { type Dataset } from './dataset.js';
import { type Answer } from './faults.js';
import { type RecordedRequest } from './server.js';

/** What both versions answer from. */
export interface FrankfurterContext {
  readonly dataset: Dataset;
  /** The day that counts as today, in UTC. */
  readonly today: string;
}

/** How far back a day without a rate looks for the newest one. */
export const LOOK_BACK_DAYS = 14;

export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** A 200, or a 304 where the client has that tag. The tag is the MD5 of the text, so it knows of days and not of figures. */
export function tagged(
  request: RecordedRequest,
  tagText: string,
  headers: Record<string, string>,
  body: () => string,
): Answer {
  const etag = `"${createHash('md5').update(tagText).digest('hex')}"`;
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const all = { 'access-control-allow-origin': '*', etag, ...headers };
  if (known?.some((tag) => tag === etag || tag === '*')) return { status: 304, headers: all };
  return { status: 200, headers: all, body: body() };
}

export function errorAnswer(status: number, body: object): Answer {
  return {
    status,
    headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store', 'access-control-allow-origin': '*' },
    body: JSON.stringify(body),
  };
}

export function notFound(): Answer {
  return errorAnswer(404, { status: 404, message: 'not found' });
}

export function codeList(text: string | undefined): string[] | undefined {
  return text?.toUpperCase().split(',').filter(Boolean);
}

const names = new Intl.DisplayNames(['en'], { type: 'currency' });

export function currencyName(code: string): string {
  return names.of(code) ?? code;
}
