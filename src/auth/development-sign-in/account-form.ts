import { type Account, account } from './accounts.js';

/** What the visitor typed, as typed. */
export interface AccountForm {
  readonly email: string;
  readonly name: string;
  readonly unverified: boolean;
}

export interface FormProblem {
  readonly field: 'email' | 'name';
  readonly message: string;
}

const MAX_EMAIL = 254;
const MAX_NAME = 100;
/** Loose on purpose: whatever an application may meet, short of what is no address at all. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{C}]+@[^\s@<>()[\]\\,;:"\p{C}]+$/u;
const CONTROL_CHARACTER = /\p{Cc}/u;

export function readAccountForm(body: Record<string, unknown>): AccountForm {
  return { email: text(body.email), name: text(body.name), unverified: body.unverified === 'on' };
}

export function accountFrom({ email, name, unverified }: AccountForm): Account | FormProblem {
  if (email.length > MAX_EMAIL || !ADDRESS.test(email)) {
    return { field: 'email', message: 'Type an e-mail address, such as somebody@example.com.' };
  }
  if (name.length > MAX_NAME || CONTROL_CHARACTER.test(name)) {
    return { field: 'name', message: `Type a name of at most ${MAX_NAME} characters, or none.` };
  }
  return account(email, name === '' ? null : name, !unverified);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
