import { describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../libs/money/currency.js';
import { pairKey } from './domain/pair.js';
import { PairCache } from './pair-cache.js';

const key = (base: string, quote: string) => pairKey(currencyCode(base), currencyCode(quote));
const KRW = key('USD', 'KRW');
const JPY = key('USD', 'JPY');
const CHF = key('USD', 'CHF');

describe('PairCache', () => {
  it('keeps the pairs that were asked for last', () => {
    const cache = new PairCache<string>(2);
    for (const pair of [KRW, JPY]) void cache.add('ecb', pair, [], Promise.resolve(pair));
    void cache.get('ecb', KRW);
    void cache.add('ecb', CHF, [], Promise.resolve(CHF));
    expect(cache.get('ecb', JPY)).toBeUndefined();
    expect(cache.get('ecb', KRW)).toBeDefined();
    expect(cache.get('frankfurter', KRW)).toBeUndefined();
  });

  it('forgets one that failed, but not its successor', async () => {
    const cache = new PairCache<string>();
    const failing = Promise.reject(new Error('no database'));
    await expect(cache.add('ecb', KRW, [], failing)).rejects.toThrow('no database');
    expect(cache.get('ecb', KRW)).toBeUndefined();
    let fail = (_error: Error): void => undefined;
    const slow = new Promise<string>((_resolve, reject) => (fail = reject));
    void cache.add('ecb', KRW, [], slow).catch(() => undefined);
    cache.dropWhere(() => true);
    void cache.add('ecb', KRW, [], Promise.resolve('good'));
    fail(new Error('too late'));
    await expect(slow).rejects.toThrow('too late');
    expect(await cache.get('ecb', KRW)).toBe('good');
  });

  it('drops what stands on a stale leg', () => {
    const cache = new PairCache<string>();
    void cache.add('ecb', KRW, [key('EUR', 'USD'), key('EUR', 'KRW')], Promise.resolve('a'));
    void cache.add('ecb', JPY, [key('EUR', 'USD'), key('EUR', 'JPY')], Promise.resolve('b'));
    cache.dropWhere((provider, legs) => provider === 'ecb' && legs.includes(key('EUR', 'KRW')));
    expect(cache.get('ecb', KRW)).toBeUndefined();
    expect(cache.get('ecb', JPY)).toBeDefined();
  });
});
