import { ApiProperty } from '@nestjs/swagger';
import { CredentialRequest, CredentialView, toView } from './machine-credentials.dto.js';
import type { RotatedCredential, ShownCredential } from './machine-credentials.service.js';

export class ApiKeyRequest extends CredentialRequest {}

export class ApiKey extends CredentialView {}

export class CreatedApiKey extends ApiKey {
  @ApiProperty({
    example: 'hx_4f9c0v2m7k1q8z3b_…',
    description: 'To be sent as X-API-Key. Shown this once: only a hash of it is kept',
  })
  key: string;
}

export class RotatedApiKey extends CreatedApiKey {
  @ApiProperty({ format: 'date-time', description: 'Until then the key before counts as well' })
  previousExpiresAt: string;
}

export function toCreatedKey({ credential, secret }: ShownCredential): CreatedApiKey {
  return { ...toView(credential), key: secret };
}

export function toRotatedKey(rotated: RotatedCredential): RotatedApiKey {
  return { ...toCreatedKey(rotated), previousExpiresAt: rotated.previousExpiresAt.toISOString() };
}
