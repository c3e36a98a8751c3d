import { CredentialsInForce } from '../../src/auth/machine-credentials/credentials-in-force.js';
import { MachineCredentialEntity } from '../../src/auth/machine-credentials/machine-credential.entity.js';
import { bearer, type SignInHouse } from './sign-in-house.js';

export const API_KEYS = '/api/api-keys';
export const HMAC_CLIENTS = '/api/hmac-clients';

/** An API key or an HMAC client, as it is shown once. */
export interface Shown {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
  readonly previousExpiresAt: string;
}

/** Somebody with a session, and what that person does with keys and clients. */
export class KeyOwner {
  private constructor(
    private readonly house: SignInHouse,
    readonly userId: string,
    readonly session: Readonly<Record<string, string>>,
  ) {}

  static async signIn(house: SignInHouse, sub: string): Promise<KeyOwner> {
    const { accessToken, user } = await house.tokens(sub);
    return new KeyOwner(house, user.id, bearer(accessToken));
  }

  send(method: string, path: string, body?: unknown): Promise<Response> {
    return this.house.send(method, path, { body, headers: this.session });
  }

  async make(path: string, wanted: object = {}): Promise<Shown> {
    const answer = await this.send('POST', path, { name: 'test', scopes: ['profile:read'], ...wanted });
    return shown(answer, 201);
  }

  async rotate(path: string, id: string, body?: unknown): Promise<Shown> {
    return shown(await this.send('POST', `${path}/${id}/rotate`, body), 200);
  }

  async list(path: string): Promise<Record<string, unknown>[]> {
    return (await (await this.send('GET', path)).json()) as Record<string, unknown>[];
  }

  /** As an administrator would disable or enable this person, or change the role; `null` deletes the account. */
  async change(columns: { readonly disabled_at?: Date | null; readonly role?: string } | null): Promise<void> {
    const inForce = this.house.server.app.get(CredentialsInForce, { strict: false });
    await this.house.server.database.dataSource.transaction(async (tx) => {
      if (columns === null) await tx.query('DELETE FROM users WHERE id = $1', [this.userId]);
      for (const [column, value] of Object.entries(columns ?? {})) {
        await tx.query(`UPDATE users SET ${column} = $2 WHERE id = $1`, [this.userId, value]);
      }
      await inForce.announceUser(tx, this.userId);
    });
    inForce.forgetUser(this.userId);
  }
}

/** What is stored of it. */
export function storedCredential(house: SignInHouse, id: string): Promise<MachineCredentialEntity> {
  return house.server.database.dataSource.getRepository(MachineCredentialEntity).findOneByOrFail({ id });
}

async function shown(answer: Response, status: number): Promise<Shown> {
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Shown;
}

export function withKey(key: string): Record<string, string> {
  return { 'x-api-key': key };
}
