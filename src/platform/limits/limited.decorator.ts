import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { LimitName } from './limit-policies.js';

export const LIMIT = 'hackonomics:limit';

/** Which limit a route counts against, where it is not what its method says: `writes` for unsafe ones, none for the others. */
export const Limited = (name: LimitName): CustomDecorator => SetMetadata(LIMIT, name);
