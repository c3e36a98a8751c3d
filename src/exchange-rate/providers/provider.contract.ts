import { describe, expect, it } from '@jest/globals';
import { currencyCode } from '../../../libs/money/currency.js';
import { isoDate, type IsoDate, parseIsoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import type { ObservationRequest, RateProvider } from './rate-provider.js';

/** A provider with its far side, made for one test. */
export interface ProviderUnderTest {
  readonly provider: RateProvider;
  /** Makes every later answer of the far side useless; absent where there is no far side. */
  readonly spoil?: () => void;
  readonly close: () => Promise<void>;
}

/** A range for which the far side must have rows of USD's or of KRW's, on both sides of it too. */
const CONTRACT_RANGE: { readonly from: IsoDate; readonly to: IsoDate } = {
  from: isoDate('2024-11-11'),
  to: isoDate('2025-02-14'),
};
/** The day that the clock of the provider under test shows. */
export const CONTRACT_TODAY = isoDate('2025-06-02');

export async function collect(provider: RateProvider, request: ObservationRequest): Promise<Observation[]> {
  const rows: Observation[] = [];
  for await (const row of provider.observations(request)) rows.push(row);
  return rows;
}

/** What the refresh service relies on in every provider. Call it from the provider's spec. */
export function describeRateProvider(name: string, make: () => Promise<ProviderUnderTest>): void {
  const KRW = currencyCode('KRW');
  const withProvider = async (test: (subject: ProviderUnderTest) => Promise<void>): Promise<void> => {
    const subject = await make();
    try {
      await test(subject);
    } finally {
      await subject.close();
    }
  };

  describe(`${name}, as every rate provider,`, () => {
    it('says who it is', () =>
      withProvider(async ({ provider }) => {
        await Promise.resolve();
        expect(provider.facts.name).toMatch(/^[a-z0-9-]{3,32}$/);
        expect(provider.facts.title).not.toBe('');
        expect(parseIsoDate(provider.facts.earliest)).toBeDefined();
      }));

    it('yields rows of the range alone, well formed, with no currency in itself', () =>
      withProvider(async ({ provider }) => {
        const rows = await collect(provider, CONTRACT_RANGE);
        expect(rows.length).toBeGreaterThan(0);
        const bad = rows.filter(
          ({ base, quote, date, rate }) =>
            base === quote ||
            !/^[A-Z]{3}$/.test(base) ||
            !/^[A-Z]{3}$/.test(quote) ||
            parseIsoDate(date) === undefined ||
            date < CONTRACT_RANGE.from ||
            date > CONTRACT_RANGE.to ||
            !/^(0|[1-9]\d*)(\.\d+)?$/.test(rate) ||
            !/[1-9]/.test(rate),
        );
        expect(bad).toEqual([]);
      }));

    it('yields the same again, each row once', () =>
      withProvider(async ({ provider }) => {
        const rows = await collect(provider, CONTRACT_RANGE);
        expect(await collect(provider, CONTRACT_RANGE)).toEqual(rows);
        expect(new Set(rows.map(({ base, quote, date }) => `${base} ${quote} ${date}`)).size).toBe(rows.length);
      }));

    it('yields the same for a part of the range as for all of it', () =>
      withProvider(async ({ provider }) => {
        const part = { from: isoDate('2025-01-02'), to: isoDate('2025-01-03') };
        const ofAll = (await collect(provider, CONTRACT_RANGE)).filter(
          ({ date }) => date >= part.from && date <= part.to,
        );
        expect(byKey(await collect(provider, part))).toEqual(byKey(ofAll));
      }));

    it('yields the quotes asked for alone', () =>
      withProvider(async ({ provider }) => {
        const all = await collect(provider, CONTRACT_RANGE);
        const some = await collect(provider, { ...CONTRACT_RANGE, quotes: [KRW] });
        expect(byKey(some)).toEqual(byKey(all.filter(({ quote }) => quote === KRW)));
        expect(some.length).toBeGreaterThan(0);
        expect(await collect(provider, { ...CONTRACT_RANGE, quotes: [] })).toEqual([]);
      }));

    it('yields nothing for an empty range and before its first day', () =>
      withProvider(async ({ provider }) => {
        expect(await collect(provider, { from: CONTRACT_RANGE.to, to: CONTRACT_RANGE.from })).toEqual([]);
        expect(await collect(provider, { from: isoDate('1990-01-01'), to: isoDate('1990-12-31') })).toEqual([]);
      }));

    it('yields nothing of a day to come', () =>
      withProvider(async ({ provider }) => {
        const rows = await collect(provider, { from: isoDate('2025-05-01'), to: isoDate('2027-12-31') });
        expect(rows.filter(({ date }) => date > CONTRACT_TODAY)).toEqual([]);
      }));

    it('ends when told to', () =>
      withProvider(async ({ provider }) => {
        await expect(collect(provider, { ...CONTRACT_RANGE, signal: AbortSignal.abort() })).rejects.toThrow();
      }));

    it('throws at a bad answer, without a row of it', () =>
      withProvider(async ({ provider, spoil }) => {
        if (!spoil) return;
        spoil();
        const rows: Observation[] = [];
        const read = async (): Promise<void> => {
          for await (const row of provider.observations(CONTRACT_RANGE)) rows.push(row);
        };
        await expect(read()).rejects.toMatchObject({ name: expect.stringMatching(/^(ProviderError|UpstreamError)$/) });
        expect(rows).toEqual([]);
      }));
  });
}

function byKey(rows: readonly Observation[]): Observation[] {
  const key = ({ base, quote, date }: Observation): string => `${date} ${base} ${quote}`;
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
