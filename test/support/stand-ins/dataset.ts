import { BLEND_ONLY_CURRENCIES, ECB_CURRENCIES, PUBLISHED_A_DAY_AHEAD, type SyntheticCurrency } from './currencies.js';
import { dayNumber, dayOf, isRealDay, isTargetDay, plusDays, weekday } from './days.js';
import { ladderDecimals } from './rounding.js';
import { type Point, Series } from './series.js';

export interface DatasetOptions {
  /** First day; by default, and at the earliest, that of the ECB: 1999-01-04. */
  readonly from?: string;
  /** Last day of the ECB's rates. Blended rates that are named a day ahead go one day further. */
  readonly to: string;
  /** Another seed, other figures. */
  readonly seed?: number;
}

interface CalendarDay {
  readonly date: string;
  /** Since 1970-01-01. */
  readonly number: number;
  readonly weekday: number;
  readonly isTarget: boolean;
}

const EARLIEST = '1999-01-04';
const FIRST_DAY = dayNumber(EARLIEST);
/** Where the paths of the currencies still quoted arrive at their `end` level. */
const HORIZON = dayNumber('2026-12-31');

/**
 * Made-up reference rates with the shape of the real ones: the ECB's euro legs on TARGET days, and a blend in units for
 * one USD, which differs slightly from them, has weekend rows and many more currencies. The same options give the same
 * figures, and a day's figures do not depend on the span. A currency is computed when first asked for.
 */
export class Dataset {
  readonly from: string;
  readonly to: string;
  /** Grows with every change, for those who keep something computed. */
  version = 0;

  private readonly seed: number;
  private readonly ecbSeries = new Map<string, Series>();
  private readonly blendSeries = new Map<string, Series>();
  private readonly levelsByCode = new Map<string, Float64Array>();
  private calendarDays: readonly CalendarDay[] | undefined;

  constructor(options: DatasetOptions) {
    for (const day of [options.from, options.to]) {
      if (day !== undefined && !isRealDay(day)) throw new RangeError(`not a day: ${day}`);
    }
    this.from = options.from !== undefined && options.from > EARLIEST ? options.from : EARLIEST;
    this.to = options.to;
    this.seed = options.seed ?? 1;
  }

  /** The 41 columns of the ECB's file, dead currencies included. */
  get ecbCodes(): string[] {
    return [...ECB_CURRENCIES.keys()];
  }

  /** Every code of the blend but USD, its base. */
  get blendCodes(): string[] {
    return ['EUR', ...this.ecbCodes.filter((code) => code !== 'USD'), ...BLEND_ONLY_CURRENCIES.keys()];
  }

  /** Units for one EUR as the ECB published them; undefined where it does not know the code. */
  ecb(code: string): Series | undefined {
    const currency = ECB_CURRENCIES.get(code);
    return currency && remember(this.ecbSeries, code, () => new Series(this.ecbPoints(currency)));
  }

  /** Units for one USD as blended; undefined for USD itself and for codes unknown. */
  blend(code: string): Series | undefined {
    if (code === 'USD') return undefined;
    const currency = ECB_CURRENCIES.get(code) ?? BLEND_ONLY_CURRENCIES.get(code);
    if (currency === undefined && code !== 'EUR') return undefined;
    return remember(this.blendSeries, code, () => new Series(this.blendPoints(code, currency)));
  }

  /** Changes a rate that is there: the ECB's leg where the ECB quotes the code, else the blended one. Throws where there is none. */
  correct(date: string, quote: string, rate: string): void {
    const series = this.own(quote);
    if (!series.at(date)) throw new RangeError(`no ${quote} rate of ${date} to correct`);
    this.change(series, date, rate);
  }

  /** Adds (or replaces) rates of a day, per quote as {@link correct}. */
  add(date: string, rates: Readonly<Record<string, string>>): void {
    if (!isRealDay(date)) throw new RangeError(`not a day: ${date}`);
    for (const [quote, rate] of Object.entries(rates)) this.change(this.own(quote), date, rate);
  }

  /** Takes the day's rate away, per quote as {@link correct}. */
  remove(date: string, quote: string): void {
    this.own(quote).remove(date);
    this.version += 1;
  }

  private change(series: Series, date: string, rate: string): void {
    // Zero and negative rates are let through: a far side that is wrong is what some tests are about.
    if (!/^-?\d+(\.\d+)?$/.test(rate)) throw new RangeError(`not a plain decimal: ${rate}`);
    series.set(date, rate.includes('.') ? rate.replace(/\.?0+$/, '') : rate);
    this.version += 1;
  }

  private own(quote: string): Series {
    const series = this.ecb(quote) ?? this.blend(quote);
    if (!series) throw new RangeError(`no such quote: ${quote}`);
    return series;
  }

  private ecbPoints(currency: SyntheticCurrency): Point[] {
    const levels = this.levels(currency);
    const first = dayNumber(currency.first);
    const points: Point[] = [];
    for (const { date, number, isTarget } of this.calendar()) {
      if (!isTarget || date > this.to || !isQuoted(currency, date) || isSilent(currency, date)) continue;
      points.push({ date, rate: shortText(levels[number - first] as number, currency.decimals) });
    }
    return points;
  }

  private blendPoints(code: string, currency: SyntheticCurrency | undefined): Point[] {
    const dollars = this.levels(ECB_CURRENCIES.get('USD') as SyntheticCurrency);
    const own = currency && this.levels(currency);
    const first = dayNumber(currency?.first ?? EARLIEST);
    const isLeg = code === 'EUR' || ECB_CURRENCIES.has(code);
    const until = PUBLISHED_A_DAY_AHEAD.has(code) ? plusDays(this.to, 1) : this.to;
    const points: Point[] = [];
    for (const { date, number, weekday } of this.calendar()) {
      if (date > until || (currency && !isQuoted(currency, date))) continue;
      // For a currency of the ECB some bank publishes on Saturdays, none on Sundays.
      if (isLeg && weekday === 0) continue;
      const level = own ? (own[number - first] as number) : 1;
      const rate = isLeg ? (level / (dollars[number - FIRST_DAY] as number)) * this.deviation(code, number) : level;
      points.push({ date, rate: shortText(rate, ladderDecimals(rate)) });
    }
    return points;
  }

  /** The other central banks are within about a tenth of a percent of the ECB. */
  private deviation(code: string, day: number): number {
    const letters = code.charCodeAt(0) * 31 * 31 + code.charCodeAt(1) * 31 + code.charCodeAt(2);
    let mixed = Math.imul(day + letters * 7919 + this.seed, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    return 1 + (((mixed ^ (mixed >>> 13)) >>> 0) / 0x1_0000_0000 - 0.5) * 0.003;
  }

  /** Every day of the span and the one after it, which some rates are named for. */
  private calendar(): readonly CalendarDay[] {
    if (this.calendarDays) return this.calendarDays;
    const days: CalendarDay[] = [];
    for (let number = dayNumber(this.from); number <= dayNumber(this.to) + 1; number += 1) {
      const date = dayOf(number);
      days.push({ date, number, weekday: weekday(date), isTarget: isTargetDay(date) });
    }
    this.calendarDays = days;
    return days;
  }

  /** The currency's level on each calendar day from its first: a random walk that is drawn back to a smooth path. */
  private levels(currency: SyntheticCurrency): Float64Array {
    return remember(this.levelsByCode, currency.code, () => {
      const first = dayNumber(currency.first);
      const end = currency.last === undefined ? HORIZON : dayNumber(currency.last);
      const levels = new Float64Array(Math.max(dayNumber(this.to) + 2 - first, 0));
      const random = randomNumbers(`${this.seed}:${currency.code}`);
      const growth = Math.log(currency.end / currency.start);
      let deviation = 0;
      for (let index = 0; index < levels.length; index += 1) {
        const progress = Math.min(index / (end - first), 1);
        levels[index] = currency.start * Math.exp(growth * progress + deviation);
        const step = (random() + random() + random() - 1.5) * 2;
        deviation = deviation * 0.985 + currency.volatility * step;
      }
      return levels;
    });
  }
}

function isQuoted(currency: SyntheticCurrency, date: string): boolean {
  return date >= currency.first && (currency.last === undefined || date <= currency.last);
}

function isSilent(currency: SyntheticCurrency, date: string): boolean {
  return currency.silent !== undefined && date >= currency.silent[0] && date <= currency.silent[1];
}

/** Decimal text without trailing zeros, as the ECB's file and JSON have it. */
function shortText(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function remember<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Uniform numbers in [0, 1), the same for the same seed text (FNV-1a into a 32-bit xorshift). */
function randomNumbers(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  state |= 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}
