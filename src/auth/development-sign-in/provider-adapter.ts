import type { Adapter, AdapterFactory, AdapterPayload, errors } from 'oidc-provider';
import type { Records } from './records.js';

/** Where the provider keeps what it issues: in the table that every process shares. */
export function providerAdapter(records: Records, { InvalidGrant }: typeof errors): AdapterFactory {
  return (kind) => (kind === 'Session' ? new NoSessions() : new RecordAdapter(kind, records, InvalidGrant));
}

class RecordAdapter implements Adapter {
  constructor(
    private readonly kind: string,
    private readonly records: Records,
    private readonly InvalidGrant: typeof errors.InvalidGrant,
  ) {}

  async upsert(id: string, payload: AdapterPayload, life: number): Promise<void> {
    await this.records.save({ kind: this.kind, id, payload, life, grantId: payload.grantId });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const record = await this.records.find<AdapterPayload>(this.kind, id);
    if (record === undefined) return undefined;
    const { payload, consumedAt } = record;
    return consumedAt === null ? payload : { ...payload, consumed: Math.floor(consumedAt.getTime() / 1000) };
  }

  async consume(id: string): Promise<void> {
    // The provider looks first and consumes later: of two callers at the same moment, here is where the second loses.
    if (!(await this.records.consume(this.kind, id))) throw new this.InvalidGrant('already consumed');
  }

  async destroy(id: string): Promise<void> {
    await this.records.delete(this.kind, id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.records.deleteOfGrant(this.kind, grantId);
  }

  /** Looks up sessions, of which none are kept. */
  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Belongs to the sign-in of devices, which is off. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** The provider remembers no visitor, so every sign-in asks again who it shall be. */
class NoSessions implements Adapter {
  upsert(): Promise<void> {
    return Promise.resolve();
  }

  find(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  consume(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  revokeByGrantId(): Promise<void> {
    return Promise.resolve();
  }
}
