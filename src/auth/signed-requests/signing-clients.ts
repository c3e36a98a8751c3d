import type { Caller } from '../../platform/http/caller.js';

/** A client in force: whom it acts for, and what it signs with. */
export interface SigningClient {
  readonly caller: Caller;
  /** The present secret first; while a rotation overlaps, the one before it as well. */
  readonly secrets: readonly Buffer[];
}

/** Where signed requests find their clients. */
export abstract class SigningClients {
  /** Undefined for whoever is no client in force. `keyId` is any text. */
  abstract client(keyId: string): Promise<SigningClient | undefined>;

  /** A request of this client was accepted just now. */
  abstract used(keyId: string): void;
}
