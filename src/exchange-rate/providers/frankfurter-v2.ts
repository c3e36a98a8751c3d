import { currencyCode, type CurrencyCode } from '../../../libs/money/currency.js';
import type { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { daysBetween, type IsoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import { calendarYears, type DateWindow, earlier, later, spanningAtLeast } from './date-window.js';
import { JsonNumber, jsonObject, parseKeepingNumbers } from './json-numbers.js';
import { ProviderError, shown } from './provider-error.js';
import { isWanted, publishedCode, publishedDate, publishedRate } from './published.js';
import type { ObservationRequest } from './rate-provider.js';

const NAME = 'frankfurter';
const EUR = currencyCode('EUR');
const USD = currencyCode('USD');
/** A year of the blend is some 70,000 lines of 60 bytes. */
const MAX_BYTES = 64 * 1024 * 1024;
const DEADLINE_MS = 60_000;
/** Longer than any silence of the ECB (Christmas with its weekend takes four days). */
const ECB_NEVER_SILENT_DAYS = 14;

/**
 * Frankfurter v2. Each calendar year is asked for twice:
 *
 * 1. `providers=ECB&base=EUR`: the euro legs, digits as the ECB published them;
 * 2. without `providers`, `base=USD`: the blend of central banks, kept only where a currency has no leg.
 *
 * A currency has a leg in a window from the first to the last day that the ECB published it, and beyond them up to the
 * window's ends unless the ECB was silent for longer than any holiday: RUB is the ECB's until 1 March 2022, blended
 * after it. So that holidays and weekends do not make a currency look absent, the ECB is always asked for at least
 * {@link ECB_NEVER_SILENT_DAYS} days, whatever part of them is wanted. An observation with base EUR is a leg, one with
 * base USD is blended.
 */
export class FrankfurterV2 {
  constructor(
    private readonly upstream: UpstreamClient,
    /** With its `/v2`. */
    private readonly baseUrl: string,
    private readonly today: () => IsoDate,
  ) {}

  async *observations(request: ObservationRequest): AsyncGenerator<Observation> {
    for (const window of calendarYears(request)) yield* this.#year(window, request);
  }

  async *#year(window: DateWindow, request: ObservationRequest): AsyncGenerator<Observation> {
    const { quotes, signal } = request;
    const leaving = new AbortController();
    const either = AbortSignal.any([leaving.signal, ...(signal === undefined ? [] : [signal])]);
    const askingForLegs = this.#legs(window, quotes, either);
    // Both at once, unless only the legs tell what else is to be asked for.
    const everything = quotes === undefined ? this.#rows(USD, {}, window, undefined, either) : undefined;
    everything?.catch(() => undefined); // met where it is awaited, if the legs come that far
    try {
      const legs = await askingForLegs;
      // Before the coverage of this Frankfurter: which currencies are the ECB's can't be told, so no blend either.
      if (legs.length === 0) return this.#checkSilence(window);
      for (const leg of legs) if (isWanted(request, leg.date, leg.quote) && leg.date >= window.from) yield leg;
      const spans = new LegSpans(legs, window);
      const asked = quotes?.filter((quote) => !spans.coverWhole(quote)) ?? [];
      const blend = everything ?? (asked.length === 0 ? [] : this.#rows(USD, {}, window, asked, either));
      for (const rate of await blend) if (!spans.cover(rate) && isWanted(request, rate.date, rate.quote)) yield rate;
    } finally {
      leaving.abort();
    }
  }

  /** The legs of the window, which may begin earlier; USD is always among them, as a sign that the ECB's data is there. */
  #legs(
    window: DateWindow,
    quotes: readonly CurrencyCode[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Observation[]> {
    const asked = quotes && [...new Set([USD, ...quotes])].filter((quote) => quote !== EUR);
    return this.#rows(EUR, { providers: 'ECB' }, spanningAtLeast(ECB_NEVER_SILENT_DAYS, window), asked, signal);
  }

  /** An ECB that is silent now would pass its currencies to the blend, and so change their source unseen. */
  #checkSilence(window: DateWindow): void {
    if (daysBetween(window.to, this.today()) < ECB_NEVER_SILENT_DAYS) {
      throw new ProviderError(NAME, 'unavailable', `no ECB rate at all up to ${window.to}`);
    }
  }

  /** One answer, whole: a bad line refuses all of it. */
  async #rows(
    base: CurrencyCode,
    extra: Readonly<Record<string, string>>,
    { from, to }: DateWindow,
    quotes: readonly CurrencyCode[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Observation[]> {
    const query = new URLSearchParams({ base, from, to, ...extra });
    if (quotes) query.set('quotes', quotes.join(','));
    const lines = this.upstream.lines({
      upstream: NAME,
      // Commas stay readable; they need no escape in a query.
      url: `${this.baseUrl}/rates?${query.toString().replaceAll('%2C', ',')}`,
      headers: { accept: 'application/x-ndjson' },
      deadlineMs: DEADLINE_MS,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    const rows: Observation[] = [];
    for await (const line of lines) {
      if (line === '') continue;
      const row = observationOf(line, base);
      if (row.quote !== base) rows.push(row);
    }
    return rows;
  }
}

/** On which days of a window each currency is the ECB's, so that the blend has nothing to say. */
class LegSpans {
  readonly #spans = new Map<CurrencyCode, DateWindow>();

  constructor(
    legs: readonly Observation[],
    private readonly window: DateWindow,
  ) {
    let whole: DateWindow | undefined;
    for (const { quote, date } of legs) {
      whole = widened(whole, date);
      this.#spans.set(quote, widened(this.#spans.get(quote), date));
    }
    if (whole === undefined) return;
    // Silence is measured against the ECB's other currencies: when all of them stop, none of them has ended.
    for (const [quote, { from, to }] of this.#spans) {
      const began = daysBetween(whole.from, from) >= ECB_NEVER_SILENT_DAYS;
      const ended = daysBetween(to, whole.to) >= ECB_NEVER_SILENT_DAYS;
      this.#spans.set(quote, {
        from: began ? from : earlier(from, window.from),
        to: ended ? to : later(to, window.to),
      });
    }
  }

  cover({ quote, date }: Observation): boolean {
    const span = this.#spanOf(quote);
    return span !== undefined && span.from <= date && date <= span.to;
  }

  coverWhole(quote: CurrencyCode): boolean {
    const span = this.#spanOf(quote);
    return span !== undefined && span.from <= this.window.from && this.window.to <= span.to;
  }

  /** The euro and the dollar are never blended: their rate is the leg from which all crosses are computed. */
  #spanOf(quote: CurrencyCode): DateWindow | undefined {
    return quote === EUR || quote === USD ? this.window : this.#spans.get(quote);
  }
}

function widened(span: DateWindow | undefined, date: IsoDate): DateWindow {
  return span === undefined ? { from: date, to: date } : { from: earlier(span.from, date), to: later(span.to, date) };
}

/** `{"date","base","quote","rate"}`. */
function observationOf(line: string, expectedBase: CurrencyCode): Observation {
  const row = jsonObject(parsed(line));
  if (row === undefined) throw new ProviderError(NAME, 'malformed', 'a line that is no JSON object');
  const date = publishedDate(NAME, row.date);
  const base = publishedCode(NAME, row.base);
  const quote = publishedCode(NAME, row.quote);
  if (base !== expectedBase) {
    throw new ProviderError(NAME, 'malformed', `base ${base} on ${date} where ${expectedBase} was asked for`);
  }
  if (!(row.rate instanceof JsonNumber)) {
    throw new ProviderError(NAME, 'malformed', `no number as rate of ${quote} on ${date}: ${shown(row.rate ?? null)}`);
  }
  return { base, quote, date, rate: publishedRate(NAME, row.rate.source, date, quote) };
}

function parsed(line: string): unknown {
  try {
    return parseKeepingNumbers(line);
  } catch {
    // The error quotes the line, so it goes no further.
    throw new ProviderError(NAME, 'malformed', 'a line that is no JSON');
  }
}
