import { describe, expect, it } from '@jest/globals';
import { DISCONTINUED } from './domain/discontinued.js';
import { requireKnownCurrency } from './known-currencies.js';

describe('requireKnownCurrency', () => {
  it.each(['KRW', 'SLE', 'ZWG', ...DISCONTINUED.map(({ currency }) => currency)])('knows %s, in any case', (code) => {
    expect(requireKnownCurrency(code.toLowerCase(), 'quote')).toBe(code);
  });

  it.each(['XQZ', 'EURO', '', 'ÄÖÜ'])('refuses %j by the name of its field', (text) => {
    expect(() => requireKnownCurrency(text, 'to')).toThrow(
      expect.objectContaining({ code: 'currency_unknown', errors: [{ field: 'to', message: expect.any(String) }] }),
    );
  });
});
