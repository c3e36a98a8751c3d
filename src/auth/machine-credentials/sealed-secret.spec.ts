import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { open, seal } from './sealed-secret.js';

const KEY = randomBytes(32);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((array) => Buffer.from(array));

describe('a sealed secret', () => {
  it('opens under its key for its id, and is never the same twice', () => {
    fc.assert(
      fc.property(fc.string(), bytes, (id, secret) => {
        const [one, other] = [seal(KEY, id, secret), seal(KEY, id, secret)];
        expect(one.equals(other)).toBe(false);
        expect([open(KEY, id, one), open(KEY, id, other)]).toEqual([secret, secret]);
      }),
    );
  });

  it('opens for no other id, and under no other key', () => {
    const sealed = seal(KEY, 'hc_one', randomBytes(32));
    for (const id of ['hc_two', 'hc_on', 'hc_one ', '']) expect(open(KEY, id, sealed)).toBeUndefined();
    expect(open(randomBytes(32), 'hc_one', sealed)).toBeUndefined();
  });

  it('does not open with any bit changed, nor cut at any length', () => {
    const sealed = seal(KEY, 'hc_one', randomBytes(32));
    for (let at = 0; at < sealed.length * 8; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
      expect(open(KEY, 'hc_one', changed)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(open(KEY, 'hc_one', sealed.subarray(0, length))).toBeUndefined();
    }
  });
});
