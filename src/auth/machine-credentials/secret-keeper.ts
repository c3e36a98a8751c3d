import { randomInt } from 'node:crypto';
import type { MachineCredentialKind } from './machine-credential.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_CHARACTERS = 16;

/** What is its own about each kind of credential: its name, and how its secret is shown and stored. */
export abstract class SecretKeeper {
  abstract readonly kind: MachineCredentialKind;
  /** Code of the refusal of one too many. */
  abstract readonly tooMany: string;
  /** For sentences: `API key`. */
  abstract readonly title: string;

  /** A new public id. */
  abstract newId(): string;

  /** True for what looks like an id of this kind: nothing else is looked up. */
  abstract isId(text: string): boolean;

  /** What the owner gets to see, once. `secret` is base64url of 32 bytes. */
  abstract shown(id: string, secret: string): string;

  /** What is stored in its place. */
  abstract kept(id: string, secret: string): Buffer;
}

/** 16 characters of [a-z0-9]: 82 bits. */
export function randomId(): string {
  return Array.from({ length: ID_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
