import { Injectable } from '@nestjs/common';
import { type CurrencyCode, currencyCode } from '../../libs/money/currency.js';
import { ChartCoverage, type SeriesState } from '../countries/chart-coverage.js';
import { ReadyBody } from '../platform/http/ready-body.js';
import { Clock } from '../platform/time/clock.js';
import type { IsoDate } from '../platform/time/iso-date.js';
import { discontinuedOn } from './domain/discontinued.js';
import { type PairKey, pairKey, seriesNeeded } from './domain/pair.js';
import type { CurrencyEntry } from './exchange-rate.dto.js';
import { RateBook } from './rate-book.js';
import { RateDesk } from './rate-desk.js';

const USD = currencyCode('USD');

interface Told {
  readonly moment: string;
  readonly entries: readonly CurrencyEntry[];
  readonly body: ReadyBody;
  readonly states: ReadonlyMap<CurrencyCode, SeriesState>;
}

/** Every currency with rates against the dollar, by the provider that would answer for it. */
@Injectable()
export class CurrencyList extends ChartCoverage {
  private told: Told | undefined;
  private readonly names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'code' });

  constructor(
    private readonly desk: RateDesk,
    private readonly book: RateBook,
    private readonly clock: Clock,
  ) {
    super();
  }

  entries(): readonly CurrencyEntry[] {
    return this.current().entries;
  }

  /** The same as bytes. */
  ready(): ReadyBody {
    return this.current().body;
  }

  /** The same object while nothing changes. */
  override states(): Promise<ReadonlyMap<CurrencyCode, SeriesState>> {
    return Promise.resolve(this.current().states);
  }

  /** Looked at again with each change of the book, and each second for what time alone changes: the day, and samples. */
  private current(): Told {
    const moment = `${this.book.version} ${Math.floor(this.clock.now().getTime() / 1_000)}`;
    if (this.told?.moment === moment) return this.told;
    const entries = this.lookUp();
    const body = ReadyBody.json(entries).orSame(this.told?.body);
    const same =
      this.told !== undefined && body === this.told.body ? this.told : { entries, body, states: statesOf(entries) };
    return (this.told = { ...same, moment });
  }

  private lookUp(): CurrencyEntry[] {
    const entries = new Map<CurrencyCode, CurrencyEntry>();
    const today = this.clock.today();
    for (const { provider, keys } of this.desk.coverage()) {
      for (const code of currenciesIn(keys)) {
        const span = code === USD ? dollarSpan : this.span(provider, code, keys);
        if (entries.has(code) || span === undefined) continue;
        const status = discontinuedOn(code, today) === undefined ? 'active' : 'discontinued';
        entries.set(code, { code, name: this.names.of(code) ?? code, ...span, provider, status });
      }
    }
    return [...entries.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  /** The days on which the pair with the dollar can be told: published as such, or covered by all of its legs. */
  private span(
    provider: string,
    code: CurrencyCode,
    keys: ReadonlySet<PairKey>,
  ): { first: IsoDate | null; last: IsoDate | null } | undefined {
    const needed = seriesNeeded(USD, code, keys);
    if (needed.length === 0) return undefined;
    const stored = this.book.catalogueOf(provider);
    const direct = stored.get(pairKey(USD, code));
    const legs = needed.map((key) => stored.get(key)).filter((leg) => leg !== undefined && leg !== direct);
    // Made-up rates have no days of their own: they are made for whatever day is asked.
    if (direct === undefined && legs.length === 0) return { first: null, last: null };
    const crossed =
      legs.length === 0
        ? []
        : [{ first: latest(legs.map((leg) => leg?.firstDate)), last: earliest(legs.map((leg) => leg?.lastDate)) }];
    const spans = direct === undefined ? crossed : [...crossed, { first: direct.firstDate, last: direct.lastDate }];
    return { first: earliest(spans.map((span) => span.first)), last: latest(spans.map((span) => span.last)) };
  }
}

function statesOf(entries: readonly CurrencyEntry[]): ReadonlyMap<CurrencyCode, SeriesState> {
  return new Map(
    entries.map(({ code, status }) => [code as CurrencyCode, status === 'active' ? 'available' : 'discontinued']),
  );
}

const dollarSpan = { first: null, last: null };

function currenciesIn(keys: ReadonlySet<PairKey>): Set<CurrencyCode> {
  return new Set([...keys].flatMap((key) => key.split('/').map((code) => currencyCode(code))));
}

function earliest(dates: readonly (IsoDate | null | undefined)[]): IsoDate | null {
  return dates.filter((date) => date != null).reduce<IsoDate | null>((a, b) => (a === null || b < a ? b : a), null);
}

function latest(dates: readonly (IsoDate | null | undefined)[]): IsoDate | null {
  return dates.filter((date) => date != null).reduce<IsoDate | null>((a, b) => (a === null || b > a ? b : a), null);
}
