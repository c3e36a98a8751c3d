import { currencyCode } from '../../../libs/money/currency.js';
import type { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import type { Observation } from '../domain/observation.js';
import { calendarYears, type DateWindow } from './date-window.js';
import { JsonNumber, jsonObject, parseKeepingNumbers } from './json-numbers.js';
import { ProviderError, shown } from './provider-error.js';
import { isWanted, publishedCode, publishedDate, publishedRate } from './published.js';
import type { ObservationRequest } from './rate-provider.js';

const NAME = 'frankfurter';
const EUR = currencyCode('EUR');
/** A year is some 7,700 rates of 15 bytes. */
const MAX_BYTES = 16 * 1024 * 1024;
const DEADLINE_MS = 30_000;

/**
 * Frankfurter v1, frozen: the ECB's euro legs and nothing else, as `/v1/{from}..{to}?base=EUR` per calendar year. Other
 * bases are never asked for: they are rounded twice.
 */
export class FrankfurterV1 {
  constructor(
    private readonly upstream: UpstreamClient,
    /** With its `/v1`. */
    private readonly baseUrl: string,
  ) {}

  async *observations(request: ObservationRequest): AsyncGenerator<Observation> {
    for (const window of calendarYears(request)) {
      for (const row of await this.#window(window, request)) {
        // A range whose start is silent begins with the day before: those rows belong to the next window or to nobody.
        if (row.date >= window.from && isWanted(request, row.date, row.quote)) yield row;
      }
    }
  }

  async #window({ from, to }: DateWindow, { quotes, signal }: ObservationRequest): Promise<Observation[]> {
    const symbols = quotes?.filter((quote) => quote !== EUR);
    if (symbols?.length === 0) return [];
    const { status, body } = await this.upstream.json(
      {
        upstream: NAME,
        url: `${this.baseUrl}/${from}..${to}?base=EUR${symbols ? `&symbols=${symbols.join(',')}` : ''}`,
        deadlineMs: DEADLINE_MS,
        maxBytes: MAX_BYTES,
        okStatuses: [200, 404, 422],
        ...(signal === undefined ? {} : { signal }),
      },
      parseKeepingNumbers,
    );
    // Our parameters are always valid, and v1 turns its own internal failures into 422.
    if (status === 422) throw new ProviderError(NAME, 'unavailable', `status 422 for ${from} to ${to}`);
    if (status === 404) return nothingFound(body);
    return observationsOf(body);
  }
}

/** 404 `{"message":"not found"}` is v1's word for an empty range; any other 404 is somebody else's. */
function nothingFound(body: unknown): Observation[] {
  if (jsonObject(body)?.message === 'not found') return [];
  throw new ProviderError(NAME, 'malformed', 'a 404 that is not Frankfurter’s');
}

/** `{"amount":1.0,"base":"EUR","rates":{"2024-01-02":{"USD":1.0956}}}`. */
function observationsOf(body: unknown): Observation[] {
  const { amount, base, rates } = jsonObject(body) ?? {};
  const days = jsonObject(rates);
  if (days === undefined) throw new ProviderError(NAME, 'malformed', 'an answer without rates');
  if (base !== EUR) throw new ProviderError(NAME, 'malformed', `base ${shown(base ?? null)} where EUR was asked for`);
  if (!(amount instanceof JsonNumber) || Number(amount.source) !== 1) {
    throw new ProviderError(NAME, 'malformed', 'rates for another amount than 1');
  }
  return Object.entries(days).flatMap(([day, quotes]) => {
    const date = publishedDate(NAME, day);
    const row = jsonObject(quotes);
    if (row === undefined) throw new ProviderError(NAME, 'malformed', `no rates on ${date}`);
    return Object.entries(row)
      .map(([code, rate]) => observationOf(code, rate, date))
      .filter(({ quote }) => quote !== EUR);
  });
}

function observationOf(code: string, rate: unknown, date: Observation['date']): Observation {
  const quote = publishedCode(NAME, code);
  if (!(rate instanceof JsonNumber)) {
    throw new ProviderError(NAME, 'malformed', `no number as rate of ${quote} on ${date}: ${shown(rate)}`);
  }
  return { base: EUR, quote, date, rate: publishedRate(NAME, rate.source, date, quote) };
}
