import { type InnerList, type Item, type Parameters, serializeInnerList, serializeItem } from 'structured-headers';
import { refusal } from './refusal.js';
import type { SignedMessage } from './signed-message.js';

/** The text that is signed: one line for each component, then the parameters (RFC 9421, section 2.5). Throws Unauthenticated. */
export function signatureBase(input: InnerList, message: SignedMessage): string {
  const identifiers = new Set<string>();
  const lines = input[0].map((component) => {
    const value = componentValue(component, message);
    // A line break would let one component pass for two; other bytes have no one spelling.
    if (!/^[\t\x20-\x7e]*$/.test(value))
      throw refusal('A covered component holds other characters than printable ASCII.');
    const identifier = serializeItem(component);
    if (identifiers.has(identifier)) throw refusal('Cover each component once.');
    identifiers.add(identifier);
    return `${identifier}: ${value}`;
  });
  return [...lines, `"@signature-params": ${serializeInnerList(input)}`].join('\n');
}

/** Whether this component, without parameters, is covered. */
export function covers(input: InnerList, name: string): boolean {
  return input[0].some(([item, parameters]) => item === name && parameters.size === 0);
}

function componentValue([name, parameters]: Item, message: SignedMessage): string {
  if (typeof name !== 'string') throw refusal('Component names must be strings in quotes.');
  if (name === '@query-param') return queryParameter(parameters, message.targetUri);
  if (parameters.size > 0)
    throw refusal(
      'Components with parameters (sf, key, bs, req, tr) are not supported, but for the name of @query-param.',
    );
  return name.startsWith('@') ? derivedValue(name, message) : fieldValue(name, message);
}

/** All are taken from the target URI: its sender may see another path than we do, behind a proxy that takes a prefix away. */
function derivedValue(name: string, { method, targetUri }: SignedMessage): string {
  const [, scheme = '', authority = '', target = ''] = /^([^:]+):\/\/([^/?]*)(.*)$/s.exec(targetUri) ?? [];
  const [path = '', query] = split(target);
  switch (name) {
    case '@method':
      return method;
    case '@target-uri':
      return targetUri;
    case '@authority':
      return authority;
    case '@scheme':
      return scheme;
    case '@request-target':
      return target;
    case '@path':
      return path;
    case '@query':
      return `?${query ?? ''}`;
    default:
      throw refusal('A covered component that begins with @ is none of a request, or is not supported.');
  }
}

function fieldValue(name: string, message: SignedMessage): string {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) throw refusal('Name header fields in lower case.');
  const values = message.field(name);
  if (values.length === 0) throw refusal('A covered header field is missing from the request.');
  return values.map((value) => value.replace(/^[ \t]+|[ \t]+$/g, '')).join(', ');
}

/** Decoded as a form and encoded anew, so that every sender spells it alike (RFC 9421, section 2.2.8). */
function queryParameter(parameters: Parameters, targetUri: string): string {
  const name: unknown = parameters.get('name');
  if (typeof name !== 'string' || parameters.size > 1) throw refusal('@query-param has one parameter, its name.');
  const [, query = ''] = split(targetUri);
  const values = [...new URLSearchParams(query)].filter(([key]) => formEncoded(key) === name).map(([, value]) => value);
  const [value] = values;
  if (value === undefined || values.length > 1)
    throw refusal('A covered query parameter must stand in the address exactly once, and be named as it is encoded.');
  return formEncoded(value);
}

/** The application/x-www-form-urlencoded percent-encode set of the URL standard, with spaces as %20. */
function formEncoded(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()~]/g, hex);
}

/** What stands before and after the first question mark. */
function split(target: string): [string, string?] {
  const at = target.indexOf('?');
  return at === -1 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}
