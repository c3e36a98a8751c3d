import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'hackonomics:public';

/** Opens a route to callers who are not signed in. Without it every route is closed. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC_ROUTE, true);
