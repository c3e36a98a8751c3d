import { isIP, isIPv4 } from 'node:net';
import type { Request } from 'express';

/**
 * The caller's address, the proxies of `TRUST_PROXY` counted from the right; of one that is no address, the proxy's own.
 * Without brackets, port or zone, in lower case; an IPv4 address that is mapped into IPv6 as itself.
 */
export function addressOf(request: Request): string | undefined {
  // What a proxy forwards may be any text.
  return plainAddress(request.ip ?? '') ?? plainAddress(request.socket.remoteAddress ?? '');
}

/** Whom a limit counts: an IPv4 address, or the /64 network that one IPv6 subscriber holds, however it is written. */
export function networkOf(address: string): string {
  const plain = plainAddress(address) ?? address;
  if (isIP(plain) !== 6) return plain;
  const network = groupsOf(plain).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '').toLowerCase();
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return mappedAddress(groupsOf(address)) ?? address;
    default:
      return undefined;
  }
}

/** The IPv4 address in `::ffff:0:0/96`, where the groups are of it. */
function mappedAddress(groups: readonly number[]): string | undefined {
  const [high = 0, low = 0] = groups.slice(6);
  if (groups[5] !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return undefined;
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of an IPv6 address without zone, whose end may be written as IPv4. */
function groupsOf(address: string): number[] {
  const [head = [], tail] = address.split('::').map(numbers);
  if (tail === undefined) return [...head];
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function numbers(part: string): number[] {
  return part.split(':').flatMap((group) => {
    if (group === '') return [];
    if (!isIPv4(group)) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
