import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, ValidateIf } from 'class-validator';
import type { MachineCredential } from './machine-credential.js';
import { CredentialRequest, CredentialView, toView } from './machine-credentials.dto.js';
import type { RotatedCredential, ShownCredential } from './machine-credentials.service.js';

export class HmacClientRequest extends CredentialRequest {
  @ApiPropertyOptional({ example: 'nextcloud_hmac', description: 'The limits that it has at the gateway' })
  @ValidateIf((request: HmacClientRequest) => request.tier !== undefined)
  @Matches(/^[a-z][a-z0-9_]{0,31}$/, { message: 'must be a lower-case word of at most 32 characters' })
  tier?: string;
}

export class HmacClient extends CredentialView {
  @ApiProperty({ example: 'hc_4f9c0v2m7k1q8z3b', description: 'The keyid of its signatures; the same as id' })
  keyId: string;
  @ApiProperty({ type: String, nullable: true, example: 'nextcloud_hmac' })
  tier: string | null;
}

export class CreatedHmacClient extends HmacClient {
  @ApiProperty({
    description: 'base64url of 32 bytes, which are the key of hmac-sha256. Shown this once: it is kept sealed',
  })
  secret: string;
}

export class RotatedHmacClient extends CreatedHmacClient {
  @ApiProperty({ format: 'date-time', description: 'Until then the secret before counts as well' })
  previousExpiresAt: string;
}

export function toClient(credential: MachineCredential): HmacClient {
  return { ...toView(credential), keyId: credential.id, tier: credential.tier };
}

export function toCreatedClient({ credential, secret }: ShownCredential): CreatedHmacClient {
  return { ...toClient(credential), secret };
}

export function toRotatedClient(rotated: RotatedCredential): RotatedHmacClient {
  return { ...toCreatedClient(rotated), previousExpiresAt: rotated.previousExpiresAt.toISOString() };
}
