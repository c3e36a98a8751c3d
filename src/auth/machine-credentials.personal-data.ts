import { Injectable } from '@nestjs/common';
import { PersonalData } from '../users/personal-data.js';
import { MachineCredentialsRepository } from './machine-credentials/machine-credentials.repository.js';

/** API keys and HMAC clients of a person, without their secrets. The rows go with the account's. */
@Injectable()
export class MachineCredentialsPersonalData extends PersonalData {
  readonly name = 'machineCredentials';

  constructor(private readonly credentials: MachineCredentialsRepository) {
    super();
  }

  async *of(userId: string): AsyncGenerator<object> {
    yield* await this.credentials.ownedBy('api_key', userId);
    yield* await this.credentials.ownedBy('hmac_client', userId);
  }

  erase(): Promise<() => void> {
    return Promise.resolve(() => undefined);
  }
}
