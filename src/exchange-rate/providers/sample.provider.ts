import { Injectable } from '@nestjs/common';
import { currencyCode } from '../../../libs/money/currency.js';
import { Clock } from '../../platform/time/clock.js';
import { addDays, daysBetween, isoDate, isWeekend } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import { earlier, later } from './date-window.js';
import { type ObservationRequest, type ProviderFacts, RateProvider } from './rate-provider.js';
import { SAMPLE_LEVELS, type SampleLevel } from './sample-levels.js';

/** The name under which made-up rates are served. */
export const SAMPLE = 'sample';
const USD = currencyCode('USD');
const EARLIEST = isoDate('1999-01-04');
const SIGNIFICANT_DIGITS = 6;

interface Swing {
  readonly days: number;
  readonly share: number;
}

/** How far, as a share of the level, a rate swings over how many days; the last one is the noise from day to day. */
const SWINGS: readonly Swing[] = [
  { days: 701, share: 0.06 },
  { days: 173, share: 0.03 },
  { days: 41, share: 0.012 },
  { days: 11, share: 0.005 },
  { days: 1, share: 0.002 },
];
const PEGGED_SHARE = 0.01;

interface SeededLevel extends SampleLevel {
  readonly seed: number;
}
const SEEDED_LEVELS: readonly SeededLevel[] = SAMPLE_LEVELS.map((level) => ({
  ...level,
  seed: hashOfText(level.quote),
}));

/**
 * Made-up rates for when nothing else is there, outside production. Whoever serves them must mark them, and nobody may
 * store them. A rate depends on its quote and day alone, so every process and every range has the same. Weekdays only.
 */
@Injectable()
export class SampleProvider extends RateProvider {
  readonly facts: ProviderFacts = {
    name: SAMPLE,
    earliest: EARLIEST,
    title: 'Made-up sample rates',
    publication: {},
    historyInOneAnswer: true,
  };

  constructor(private readonly clock: Clock) {
    super();
  }

  // An async generator without an await: the port is asynchronous, making figures up is not.
  async *observations(request: ObservationRequest): AsyncGenerator<Observation> {
    await Promise.resolve();
    const from = later(request.from, EARLIEST);
    const to = earlier(request.to, this.clock.today());
    const levels = SEEDED_LEVELS.filter(({ quote }) => request.quotes?.includes(quote) ?? true);
    for (let date = from; date <= to; date = addDays(date, 1)) {
      request.signal?.throwIfAborted();
      if (isWeekend(date)) continue;
      const day = daysBetween(EARLIEST, date);
      for (const level of levels) yield { base: USD, quote: level.quote, date, rate: rateOn(day, level) };
    }
  }
}

function rateOn(day: number, { seed, level, pegged }: SeededLevel): string {
  let swing = 0;
  for (let n = 0; n < SWINGS.length; n++) {
    const { days, share } = SWINGS[n] as Swing;
    swing += share * smoothNoise(seed + n, day / days);
  }
  const value = level * Math.exp(pegged ? swing * PEGGED_SHARE : swing);
  // By Number, so that neither an exponent nor trailing zeros come out; all levels lie within 0.3 and 90,000.
  return String(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
}

/** −1 to 1, continuous: random at whole positions, eased in between. */
function smoothNoise(seed: number, position: number): number {
  const left = Math.floor(position);
  const part = position - left;
  const eased = part * part * (3 - 2 * part);
  const start = noise(seed, left);
  return eased === 0 ? start : start + (noise(seed, left + 1) - start) * eased;
}

/** −1 to 1 from two integers: multiply and fold the bits until a change of one moves them all (the finish of MurmurHash3). */
function noise(seed: number, index: number): number {
  let bits = Math.imul(seed ^ Math.imul(index, 0x9e3779b1), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 0x7fffffff - 1;
}

function hashOfText(text: string): number {
  let hash = 17;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash, 0x01000193) ^ (text.charCodeAt(at) << 7);
  return hash | 0;
}
