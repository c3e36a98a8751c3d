import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, ValidateIf } from 'class-validator';
import { Profile } from '../users/users.dto.js';

export class RefreshRequest {
  @ApiPropertyOptional({ description: 'For programs; a browser sends its cookie instead' })
  @ValidateIf((request: RefreshRequest) => request.refreshToken !== undefined)
  @IsString({ message: 'must be text' })
  refreshToken?: string;
}

export class SessionLife {
  @ApiProperty({ example: 600, description: 'Seconds until the access token expires' })
  expiresIn: number;
}

export class TokenPair extends SessionLife {
  @ApiProperty({ description: 'ES256 JWT of type at+jwt, ten minutes' })
  accessToken: string;
  @ApiProperty({ description: 'Opaque; rotated at each use' })
  refreshToken: string;
  @ApiProperty({ example: 'Bearer' })
  tokenType: string;
}

export class SignedIn extends TokenPair {
  @ApiProperty({ type: Profile })
  user: Profile;
}
