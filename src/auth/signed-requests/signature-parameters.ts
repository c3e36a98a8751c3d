import { type InnerList, isInnerList, type Item, parseList, type Parameters } from 'structured-headers';
import { refusal } from './refusal.js';

export const MAC_BYTES = 32;
const MAX_COMPONENTS = 32;
const MAX_KEY_ID = 128;
const NONCE = /^[\x20-\x7e]{8,128}$/;

/** The one signature of a request, well formed; nothing is said yet about whether it is right. */
export interface ShownSignature {
  /** Components and parameters as they were sent: they are part of what is signed. */
  readonly input: InnerList;
  readonly keyId: string;
  readonly nonce: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly expires: number | undefined;
  readonly mac: Buffer;
}

/** Reads `Signature-Input` and `Signature`, each given by its lines. Throws Unauthenticated. */
export function readSignature(inputLines: readonly string[], signatureLines: readonly string[]): ShownSignature {
  const input = onlyMember('Signature-Input', inputLines);
  const signature = onlyMember('Signature', signatureLines);
  if (input.label !== signature.label) throw refusal('Signature-Input and Signature must have the same label.');
  if (!isInnerList(input.value)) throw refusal('Signature-Input must be a list of components in parentheses.');
  const [components, parameters] = input.value;
  if (components.length > MAX_COMPONENTS) throw refusal(`Cover at most ${MAX_COMPONENTS} components.`);
  const alg: unknown = parameters.get('alg') ?? 'hmac-sha256';
  if (alg !== 'hmac-sha256') throw refusal('The alg of a signature here is "hmac-sha256", or is left out.');
  const keyId: unknown = parameters.get('keyid');
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > MAX_KEY_ID)
    throw refusal(`A signature needs its keyid, text of at most ${MAX_KEY_ID} characters.`);
  const nonce: unknown = parameters.get('nonce');
  if (typeof nonce !== 'string' || !NONCE.test(nonce))
    throw refusal('A signature needs a nonce, text of 8 to 128 characters.');
  const created = seconds(parameters, 'created');
  if (created === undefined) throw refusal('A signature needs created, in whole seconds since 1970.');
  return { input: input.value, keyId, nonce, created, expires: seconds(parameters, 'expires'), mac: macOf(signature) };
}

interface Member {
  readonly label: string;
  readonly value: Item | InnerList;
}

/**
 * `label=value`. Read as a list behind its label, since a dictionary would let the last of several members with one
 * label win, and say nothing.
 */
function onlyMember(header: string, lines: readonly string[]): Member {
  const [, label, text] = /^ *([a-z*][a-z0-9_.*-]*)=(.*)$/.exec(lines.join(', ')) ?? [];
  const members = label === undefined || text === undefined ? [] : parsed(header, text);
  const [value] = members;
  if (label === undefined || value === undefined || members.length > 1) throw notOne(header);
  return { label, value };
}

function parsed(header: string, text: string): (Item | InnerList)[] {
  try {
    return parseList(text);
  } catch (cause) {
    throw notOne(header, cause);
  }
}

function notOne(header: string, cause?: unknown): Error {
  return refusal(`${header} must hold exactly one signature, spelt as RFC 9421 says.`, cause);
}

function seconds(parameters: Parameters, name: 'created' | 'expires'): number | undefined {
  const value: unknown = parameters.get(name);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw refusal(`${name} must be in whole seconds since 1970.`);
}

function macOf({ value: [bytes] }: Member): Buffer {
  const mac = bytes instanceof ArrayBuffer ? Buffer.from(bytes) : undefined;
  if (mac?.length !== MAC_BYTES) throw refusal('An hmac-sha256 signature has 32 bytes, in base64 between colons.');
  return mac;
}
