import { isIP, isIPv4 } from 'node:net';
import type { Request } from 'express';

/** The caller's address, the proxies of `TRUST_PROXY` counted from the right; of one that is no address, the proxy's own. */
export function addressOf(request: Request): string | undefined {
  // What a proxy forwards may be any text.
  return plainAddress(request.ip ?? '') ?? plainAddress(request.socket.remoteAddress ?? '');
}

/** Whom a limit counts: an IPv4 address, or the /64 network that one IPv6 subscriber holds. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - rest.length;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Without port, brackets or zone; an IPv4 address that is mapped into IPv6 as itself. Undefined where it is none. */
function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
  return isIP(mapped) === 0 ? undefined : mapped;
}
