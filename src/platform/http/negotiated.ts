import type { Request } from 'express';
import { NotAcceptable } from '../errors/errors.js';

/**
 * The name of the media type that the caller likes best; the first where all are as good. Says in `Vary` that the answer
 * hangs on `Accept`. Throws what the caller is told where none of them is accepted.
 */
export function negotiated<Name extends string>(request: Request, types: Readonly<Record<Name, string>>): Name {
  request.res?.vary('Accept');
  const offered = Object.values<string>(types);
  const type = request.accepts(offered);
  const name = (Object.keys(types) as Name[]).find((key) => types[key] === type);
  if (name !== undefined) return name;
  throw new NotAcceptable('not_acceptable', { detail: `This can be had as ${offered.join(', ')}.` });
}
