import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Unavailable } from '../errors/errors.js';
import { InFlight } from './in-flight.js';
import { Public } from './public.decorator.js';

const DATABASE_DEADLINE_MS = 2_000;

export class Health {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: DataSource,
    private readonly inFlight: InFlight,
  ) {}

  @Public()
  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The process answers' })
  @ApiOkResponse({ type: Health })
  live(): Health {
    return { status: 'ok' };
  }

  @Public()
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The process can serve: its database answers. Does not wait for rates' })
  @ApiOkResponse({ type: Health })
  async ready(): Promise<Health> {
    if (this.inFlight.stopping) {
      throw new Unavailable('stopping', { detail: 'This replica is shutting down.', retryAfterSeconds: 5 });
    }
    const deadline = AbortSignal.timeout(DATABASE_DEADLINE_MS);
    const late = new Promise<never>((_, reject) => {
      deadline.addEventListener('abort', () => reject(new Error('the database did not answer in time')));
    });
    try {
      await Promise.race([this.database.query('SELECT 1'), late]);
    } catch (cause) {
      throw new Unavailable('database_unavailable', {
        detail: 'The database does not answer.',
        retryAfterSeconds: 5,
        cause,
      });
    }
    return { status: 'ok' };
  }
}
