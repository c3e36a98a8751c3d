import type { EntityManager } from 'typeorm';

/** What one feature keeps of a person: handed over by the export, gone with the account. Each is on the list of `account.module.ts`. */
export abstract class PersonalData {
  /** The property of the export, such as `apiKeys`. */
  abstract readonly name: string;

  /** Everything that is kept of this person, without secrets, as JSON values in a stable order. */
  abstract of(userId: string): AsyncIterable<object>;

  /**
   * Inside the transaction that deletes the account, before its row goes: takes away what does not go with that row by
   * itself. Answers what is to be done once the deletion is committed.
   */
  abstract erase(tx: EntityManager, userId: string): Promise<() => void>;
}
