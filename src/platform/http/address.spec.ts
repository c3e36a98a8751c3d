import { describe, expect, it } from '@jest/globals';
import type { Request } from 'express';
import fc from 'fast-check';
import { addressOf, networkOf } from './address.js';

const from = (ip: string | undefined, remoteAddress?: string) =>
  addressOf({ ip, socket: { remoteAddress } } as unknown as Request);

const group = fc.integer({ min: 0, max: 0xffff });
const groups = fc.tuple(group, group, group, group, group, group, group, group);
/** Mapped ones are IPv4 addresses, which is another law. */
const ipv6 = groups.filter((all) => all[5] !== 0xffff || all.slice(0, 5).some((one) => one !== 0));

/** The same address as people and programs write it: in full, with zeros, shortened at any run of zeros, with an IPv4 end. */
function forms(all: readonly number[]): string[] {
  const hex = all.map((one) => one.toString(16));
  const [high = 0, low = 0] = all.slice(6);
  const dotted = [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  const shortened = hex.flatMap((_, start) =>
    hex.flatMap((__, index) => {
      const end = index + 1;
      if (end <= start || all.slice(start, end).some((one) => one !== 0)) return [];
      const [head, tail] = [hex.slice(0, start).join(':'), hex.slice(end)];
      const withDots = end <= 6 ? [`${head}::${[...hex.slice(end, 6), dotted].join(':')}`] : [];
      return [`${head}::${tail.join(':')}`, ...withDots];
    }),
  );
  const whole = [
    hex.join(':'),
    hex.map((one) => one.padStart(4, '0')).join(':'),
    [...hex.slice(0, 6), dotted].join(':'),
  ];
  return [...whole, ...shortened].flatMap((text) => [text, text.toUpperCase()]);
}

describe('the network of an address', () => {
  it('is one for all ways to write an IPv6 address', () => {
    fc.assert(
      fc.property(ipv6, (all) => {
        expect(new Set(forms(all).map(networkOf)).size).toBe(1);
      }),
    );
    // Runs of zeros, which chance seldom makes.
    for (const all of [
      [0, 0, 0, 0, 0, 0, 0, 1],
      [0, 10, 11, 12, 13, 14, 258, 772],
      [1, 0, 0, 2, 0, 0, 0, 3],
    ]) {
      expect(new Set(forms(all).map(networkOf)).size).toBe(1);
    }
  });

  it('is decided by the first four groups alone', () => {
    fc.assert(
      fc.property(ipv6, ipv6, (one, other) => {
        const sibling = [...one.slice(0, 4), ...other.slice(4)];
        fc.pre(sibling[5] !== 0xffff || sibling.slice(0, 5).some((part) => part !== 0));
        const same = one.slice(0, 4).join() === other.slice(0, 4).join();
        expect(networkOf(sibling.map((part) => part.toString(16)).join(':'))).toBe(networkOf(forms(one)[0] ?? ''));
        expect(networkOf(forms(one)[0] ?? '') === networkOf(forms(other)[0] ?? '')).toBe(same);
      }),
    );
  });

  it('of an IPv4 address is the address, also where it is mapped into IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
        const hex = `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
        expect(new Set([address, `::ffff:${address}`, `::FFFF:${address}`, hex].map(networkOf))).toEqual(
          new Set([address]),
        );
      }),
    );
  });

  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::a:b:c:d:e:192.0.2.1', '0:a:b:c::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));
});

describe('the address of a caller', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['198.51.100.7:41234', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['::ffff:c633:6407', '198.51.100.7'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['[2001:db8::1]:41234', '2001:db8::1'],
    ['[::ffff:198.51.100.7]:80', '198.51.100.7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]', 'fe80::1'],
  ])('as %s is %s', (ip, address) => expect(from(ip)).toBe(address));

  it.each([
    'unknown',
    '_hidden',
    '',
    '300.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    '2001:db8:::1',
    '<script>',
    '1.2.3.4 5',
    '[::1',
  ])('that is forwarded as "%s" is the proxy’s own', (ip) => expect(from(ip, '::ffff:10.0.0.2')).toBe('10.0.0.2'));

  it('is an address or nothing, whatever text is forwarded', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4(), fc.constant('fe80::%%')), (ip) => {
        const address = from(ip);
        if (address !== undefined) expect(from(address)).toBe(address);
      }),
    );
    expect(from(undefined)).toBeUndefined();
  });
});
