import { createHash } from 'node:crypto';
import type { Records } from './records.js';

/** Somebody to be signed in as. */
export interface Account {
  /** The `sub` of its ID tokens: the same for one address, in whichever case it is typed. */
  readonly subject: string;
  readonly email: string;
  readonly name: string | null;
  readonly emailVerified: boolean;
}

const KIND = 'account';
const REMEMBERED_SECONDS = 180 * 86_400;
const SHOWN = 20;

/** For the very first sign-in, when nobody has been remembered yet. */
const EXAMPLES = [
  account('developer@example.com', 'Developer'),
  account('administrator@example.com', 'Administrator'),
  account('unverified@example.com', 'Unverified address', false),
];

export function account(email: string, name: string | null, emailVerified = true): Account {
  const subject = `dev-${createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 32)}`;
  return { subject, email, name, emailVerified };
}

/** The accounts that were used on this installation; one that is not used for half a year is forgotten. */
export class Accounts {
  constructor(private readonly records: Records) {}

  /** Those to choose from: the last used first, then the examples. */
  async choices(): Promise<Account[]> {
    const used = await this.records.newest<Account>(KIND, SHOWN);
    const subjects = new Set(used.map(({ subject }) => subject));
    return [...used, ...EXAMPLES.filter(({ subject }) => !subjects.has(subject))];
  }

  async find(subject: string): Promise<Account | undefined> {
    const used = await this.records.find<Account>(KIND, subject);
    return used?.payload ?? EXAMPLES.find((example) => example.subject === subject);
  }

  /** Keeps the name that is known where none is given. */
  async remember(chosen: Account): Promise<void> {
    const name = chosen.name ?? (await this.find(chosen.subject))?.name ?? null;
    const { subject: id } = chosen;
    await this.records.save({ kind: KIND, id, payload: { ...chosen, name }, life: REMEMBERED_SECONDS });
  }
}
