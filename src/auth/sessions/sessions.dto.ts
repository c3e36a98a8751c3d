import { ApiProperty } from '@nestjs/swagger';
import type { SignedInDevice } from './sessions.service.js';

export class SessionDevice {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'date-time', description: 'When this device signed in' })
  createdAt: string;
  @ApiProperty({ format: 'date-time', description: 'The sign-in or the last refresh' })
  lastUsedAt: string;
  @ApiProperty({ type: String, nullable: true, description: 'Address of the last use', example: '203.0.113.7' })
  address: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'What the device says of itself' })
  userAgent: string | null;
  @ApiProperty({ description: 'True for the session that asks' })
  current: boolean;
}

export function toSessionDevice(device: SignedInDevice, currentId: string): SessionDevice {
  return {
    id: device.id,
    createdAt: device.createdAt.toISOString(),
    lastUsedAt: device.lastUsedAt.toISOString(),
    address: device.address,
    userAgent: device.userAgent,
    current: device.id === currentId,
  };
}
