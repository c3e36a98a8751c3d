import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RefreshTokens, tokenHash } from './refresh-token.js';

const tokens = new RefreshTokens(Buffer.alloc(32, 1), Buffer.alloc(32, 2));
const ID = '0b6c1f5e-3c55-4a0e-8f43-6a4e1fd0a4c1';

describe('refresh tokens', () => {
  it('read back what they say, in every generation', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat({ max: 5 }), (id, generations) => {
        let token = tokens.first(id);
        for (let at = 0; at < generations; at++) token = tokens.successor(token);
        expect(tokens.read(token.text)).toEqual({ sessionId: id, generation: generations, text: token.text });
      }),
    );
  });

  it('have one successor each, which cannot be told without the key', () => {
    const token = tokens.first(ID);
    const strangers = new RefreshTokens(Buffer.alloc(32, 1), Buffer.alloc(32, 3));
    expect(tokens.successor(token)).toEqual(tokens.successor(token));
    expect(tokens.successor(token).text).not.toBe(token.text);
    expect(strangers.successor(token).text).not.toBe(tokens.successor(token).text);
    expect(tokens.successor(tokens.first(ID)).text).not.toBe(tokens.successor(token).text);
  });

  it('are known by their MAC: one changed character, and they are nothing', () => {
    const { text } = tokens.first(ID);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.constantFrom(...alphabet), (at, character) => {
        const changed = `${text.slice(0, at)}${character}${text.slice(at + 1)}`;
        expect(tokens.read(changed) === undefined).toBe(changed !== text);
      }),
      { numRuns: 500 },
    );
  });

  it('of another key, and any other value, are nothing', () => {
    const strangers = new RefreshTokens(Buffer.alloc(32, 9), Buffer.alloc(32, 2));
    expect(tokens.read(strangers.first(ID).text)).toBeUndefined();
    fc.assert(fc.property(fc.anything(), (value) => expect(tokens.read(value)).toBeUndefined()));
    fc.assert(
      fc.property(fc.base64String({ minLength: 88, maxLength: 96 }), (value) =>
        expect(tokens.read(value)).toBeUndefined(),
      ),
    );
  });

  it('are stored as a hash of 32 bytes', () => {
    expect(tokenHash(tokens.first(ID))).toHaveLength(32);
  });
});
