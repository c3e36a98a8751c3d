import type { CurrencyCode } from '../../../libs/money/currency.js';
import { Fraction } from '../../../libs/money/fraction.js';
import { CROSS_RATE_DIGITS } from '../../../libs/money/decimal.js';
import type { IsoDate } from '../../platform/time/iso-date.js';
import { Series, type Point } from './series.js';

/** A published series by its currencies: `EUR/USD` holds the dollars for one euro. */
export type PairKey = string & { readonly __pairKey: unique symbol };

export function pairKey(base: CurrencyCode, quote: CurrencyCode): PairKey {
  return `${base}/${quote}` as PairKey;
}

/** The published series of one provider that are at hand. A `Map<PairKey, Series>` is one. */
export interface SeriesBook {
  get(key: PairKey): Series | undefined;
}

/** One way to a rate: the product of some published rates over the product of others, all of the same day. */
interface Route {
  readonly numerators: readonly PairKey[];
  readonly denominators: readonly PairKey[];
}

/**
 * The published series that {@link Pair.of} needs, out of those that the provider has; none where it has no way from
 * one currency to the other. Throws RangeError where base and quote are the same: that is no pair.
 */
export function seriesNeeded(base: CurrencyCode, quote: CurrencyCode, available: ReadonlySet<PairKey>): PairKey[] {
  return [...new Set(routesOf(base, quote, available).flatMap(keysOf))];
}

/**
 * The rates of one pair out of a provider's published series.
 *
 * A rate that is published for the pair is given verbatim. On the other dates on which the legs all have an observation
 * it is their quotient, exact until rounded once, half-even, to 6 significant digits. So RUB is the ECB's leg up to
 * 2022-03-01 and another source's figure later, and USD for one KRW comes from the published legs, never from a
 * rounded KRW for one USD. A date without all of its legs has no point.
 */
export class Pair {
  private constructor(
    readonly base: CurrencyCode,
    readonly quote: CurrencyCode,
    /** The rates as served. Empty where the legs never have a date in common. */
    readonly series: Series,
    private readonly routes: readonly LoadedRoute[],
  ) {}

  /**
   * Undefined where the provider's series make no way from one currency to the other. Throws RangeError where base and
   * quote are the same, and Error where the book lacks a series that {@link seriesNeeded} names.
   */
  static of(
    base: CurrencyCode,
    quote: CurrencyCode,
    available: ReadonlySet<PairKey>,
    book: SeriesBook,
  ): Pair | undefined {
    const routes = routesOf(base, quote, available).map((route) => new LoadedRoute(route, book));
    const [best, ...others] = routes;
    if (!best) return undefined;
    return new Pair(base, quote, others.length === 0 ? best.series() : union(routes), routes);
  }

  /** The rate of a date of the series before any rounding; undefined on other dates. */
  exactRate(date: IsoDate): Fraction | undefined {
    for (const route of this.routes) {
      const rate = route.exactRate(date);
      if (rate) return rate;
    }
    return undefined;
  }
}

/** A route with its series in hand. */
class LoadedRoute {
  private readonly legs: readonly Series[];
  private readonly numerators: number;

  constructor(route: Route, book: SeriesBook) {
    this.numerators = route.numerators.length;
    this.legs = keysOf(route).map((key) => {
      const series = book.get(key);
      if (!series) throw new Error(`series ${key} is needed and not at hand`);
      return series;
    });
  }

  exactRate(date: IsoDate): Fraction | undefined {
    const rates: string[] = [];
    for (const leg of this.legs) {
      const point = leg.on(date);
      if (!point) return undefined;
      rates.push(point.rate);
    }
    return this.fraction(rates);
  }

  series(): Series {
    const [only] = this.legs;
    return only && this.isVerbatim() ? only : new Series(this.points());
  }

  /** Points of the dates that all legs have, ascending; dates of `except` are left out before anything is computed. */
  *points(except?: ReadonlyMap<IsoDate, Point>): Iterable<Point> {
    const [leader, ...followers] = this.legs.map((leg) => leg[Symbol.iterator]());
    if (!leader) return;
    const heads = followers.map((follower) => next(follower));
    for (let point = next(leader); point; point = next(leader)) {
      const rates = [point.rate];
      for (const [index, follower] of followers.entries()) {
        let head = heads[index];
        while (head && head.date < point.date) head = next(follower);
        heads[index] = head;
        if (head?.date === point.date) rates.push(head.rate);
      }
      if (rates.length < this.legs.length || except?.has(point.date)) continue;
      yield this.isVerbatim()
        ? point
        : { date: point.date, rate: this.fraction(rates).toSignificant(CROSS_RATE_DIGITS) };
    }
  }

  private fraction(rates: readonly string[]): Fraction {
    return Fraction.of(rates.slice(0, this.numerators), rates.slice(this.numerators));
  }

  private isVerbatim(): boolean {
    return this.legs.length === 1 && this.numerators === 1;
  }
}

/** By date, the first route that has one winning. */
function union(routes: readonly LoadedRoute[]): Series {
  const byDate = new Map<IsoDate, Point>();
  for (const route of routes) {
    // Read in full before it is written: the route leaves out what the map has.
    for (const point of [...route.points(byDate)]) byDate.set(point.date, point);
  }
  return new Series([...byDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1)));
}

/**
 * Every way from base to quote, best first: published as such, then the fewest series; of equal ones the pivot that
 * comes first in the alphabet, which puts the ECB's euro legs before dollar legs.
 *
 * A pivot is a currency that series are published for. Base and quote each have a leg in a pivot (a pivot itself has
 * leg 1), and where the pivots differ, the rate between the two is published one way or the other.
 */
function routesOf(base: CurrencyCode, quote: CurrencyCode, available: ReadonlySet<PairKey>): Route[] {
  if (base === quote) throw new RangeError(`${base} against itself is no pair`);
  const pivots = [...new Set([...available].map(baseOf))].sort();
  const legsOfBase = legsIn(pivots, base, available);
  const legsOfQuote = legsIn(pivots, quote, available);
  const routes = new Map<string, Route>();
  for (const [pivotOfBase, denominators] of legsOfBase) {
    for (const [pivotOfQuote, numerators] of legsOfQuote) {
      const link = linkBetween(pivotOfBase, pivotOfQuote, available);
      // A way through base or quote itself would go there and back over the same series.
      const detour = pivotOfBase !== pivotOfQuote && (pivotOfQuote === base || pivotOfBase === quote);
      if (!link || detour) continue;
      const route = {
        numerators: [...numerators, ...link.numerators],
        denominators: [...denominators, ...link.denominators],
      };
      const name = `${[...route.numerators].sort().join()}:${[...route.denominators].sort().join()}`;
      if (!routes.has(name)) routes.set(name, route);
    }
  }
  const published = pairKey(base, quote);
  const cost = (route: Route) => (route.numerators[0] === published ? 0 : keysOf(route).length);
  return [...routes.values()].sort((a, b) => cost(a) - cost(b));
}

/** Per pivot in which the currency has a leg, the series of that leg: one, or none for the pivot itself. */
function legsIn(
  pivots: readonly CurrencyCode[],
  currency: CurrencyCode,
  available: ReadonlySet<PairKey>,
): [CurrencyCode, PairKey[]][] {
  return pivots.flatMap((pivot): [CurrencyCode, PairKey[]][] => {
    if (pivot === currency) return [[pivot, []]];
    const leg = pairKey(pivot, currency);
    return available.has(leg) ? [[pivot, [leg]]] : [];
  });
}

/** Units of the second pivot for one of the first. */
function linkBetween(from: CurrencyCode, to: CurrencyCode, available: ReadonlySet<PairKey>): Route | undefined {
  if (from === to) return { numerators: [], denominators: [] };
  const straight = pairKey(from, to);
  if (available.has(straight)) return { numerators: [straight], denominators: [] };
  const reversed = pairKey(to, from);
  return available.has(reversed) ? { numerators: [], denominators: [reversed] } : undefined;
}

function keysOf(route: Route): PairKey[] {
  return [...route.numerators, ...route.denominators];
}

function baseOf(key: PairKey): CurrencyCode {
  return key.slice(0, key.indexOf('/')) as CurrencyCode;
}

function next(points: Iterator<Point>): Point | undefined {
  const result = points.next();
  return result.done ? undefined : result.value;
}
