import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const ADMIN_ROUTE = 'hackonomics:admin';

/** Narrows a route to the sessions of administrators. */
export const Admin = (): CustomDecorator => SetMetadata(ADMIN_ROUTE, true);
