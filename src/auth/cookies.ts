import { Injectable } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';
import { Config } from '../platform/config/config.js';

/** The cookies of a visitor: HttpOnly, SameSite=Lax, Path=/, no Domain; Secure and `__Host-` wherever https is. */
@Injectable()
export class Cookies {
  /** Plain names on http, which the configuration allows on loopback outside production alone. */
  private readonly secure: boolean;

  constructor(config: Config) {
    this.secure = config.production || config.publicUrl.startsWith('https:');
  }

  read(request: Request, name: string): string | undefined {
    return this.all(request)[this.fullName(name)];
  }

  /** Names, without their prefix, of the cookies that begin so. */
  namesOf(request: Request, beginning: string): string[] {
    const prefix = this.fullName('');
    return Object.keys(this.all(request))
      .filter((name) => name.startsWith(`${prefix}${beginning}`))
      .map((name) => name.slice(prefix.length));
  }

  set(response: Response, name: string, value: string, maxAgeSeconds: number): void {
    const cookie = stringifySetCookie({
      name: this.fullName(name),
      value,
      maxAge: maxAgeSeconds,
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: this.secure,
    });
    response.append('Set-Cookie', cookie);
  }

  clear(response: Response, name: string): void {
    this.set(response, name, '', 0);
  }

  private fullName(name: string): string {
    return this.secure ? `__Host-${name}` : name;
  }

  private all(request: Request): Record<string, string | undefined> {
    return parseCookie(request.headers.cookie ?? '');
  }
}
