import { Problem } from '../api.js';
import { formats, t } from '../locale.js';

export interface ProblemWords {
  title: string;
  detail: string;
  fields: Problem['fields'];
  requestId: string | null;
}

/** An error in words a visitor can act on, with the request id that an operator can look for. */
export function wordsOf(error: Error): ProblemWords {
  if (!(error instanceof Problem)) return { title: t.problemTitle, detail: '', fields: [], requestId: null };
  const { code, status, title, message, fields, requestId, retryAfter } = error;
  if (code === 'network') return { title: t.networkTitle, detail: t.networkText, fields, requestId };
  const wait = status === 429 && retryAfter !== null ? t.tryAgainIn(formats.duration(retryAfter)) : null;
  // The detail says in one line what the list of fields says.
  return { title: title || t.problemTitle, detail: wait ?? (fields.length === 0 ? message : ''), fields, requestId };
}
