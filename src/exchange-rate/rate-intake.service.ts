import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../platform/time/clock.js';
import { addDays, type IsoDate, isWeekend } from '../platform/time/iso-date.js';
import type { Observation } from './domain/observation.js';
import { type PairKey, pairKey } from './domain/pair.js';
import { brokenDay, judgeSeries, type SecondOpinion, type Verdict } from './domain/plausibility.js';
import { isKnownCurrency } from './known-currencies.js';
import { ProviderError } from './providers/provider-error.js';
import { RATE_PROVIDER_NAMES } from './providers/providers.js';
import type { ProviderFacts } from './providers/rate-provider.js';
import { RateEvidenceRepository } from './storage/rate-evidence.repository.js';
import { type Quarantined, RateQuarantineRepository } from './storage/rate-quarantine.repository.js';
import { RatesRepository } from './storage/rates.repository.js';

/** Rows of one transaction: 27 years of the ECB (220,000 rows) take 4 s so, and 9 s in chunks of 5,000. */
export const CHUNK = 20_000;
/** More than the days for which a second source speaks. */
const SECOND_MARGIN_DAYS = 7;

export interface Intake {
  /** Figures that were in the answer, weekends and tomorrow left aside. */
  readonly rows: number;
  /** Of them new or corrected. */
  readonly changed: number;
  /** Of them not believed. */
  readonly quarantined: number;
}

/** What may be stored of an answer. */
export interface Judged {
  readonly plausible: readonly Observation[];
  readonly quarantined: number;
  /** To be called once all of it is stored: what was doubted before and is believed now leaves the quarantine. */
  readonly settle: () => Promise<void>;
}

type Answer = ReadonlyMap<PairKey, readonly Observation[]>;

/** The one door to the stored rates: what a source published is stored where it is plausible, else put into quarantine. */
@Injectable()
export class RateIntake {
  private readonly logger = new Logger(RateIntake.name);

  constructor(
    private readonly rates: RatesRepository,
    private readonly evidence: RateEvidenceRepository,
    private readonly quarantine: RateQuarantineRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes an answer in. Throws ProviderError `malformed`, and stores nothing, where too much of its newest day is
   * implausible. The same answer again changes nothing but the counters of the quarantine.
   */
  async store(facts: ProviderFacts, observations: AsyncIterable<Observation>, signal: AbortSignal): Promise<Intake> {
    const { plausible, quarantined, settle } = await this.judged(facts, observations, signal);
    let changed = 0;
    for (let start = 0; start < plausible.length; start += CHUNK) {
      signal.throwIfAborted();
      changed += await this.rates.store(facts.name, plausible.slice(start, start + CHUNK), this.clock.now());
    }
    await settle();
    return { rows: plausible.length + quarantined, changed, quarantined };
  }

  /**
   * The gate for whoever stores by itself: what of an answer may be stored; the rest goes into quarantine. It is read
   * whole first, for later days speak for earlier ones. Throws as {@link store}.
   */
  async judged(facts: ProviderFacts, observations: AsyncIterable<Observation>, signal: AbortSignal): Promise<Judged> {
    const answer = await this.read(observations);
    if (answer.size === 0) return { plausible: [], quarantined: 0, settle: () => Promise.resolve() };
    const doubted = await this.quarantine.of(facts.name);
    const verdicts = await this.judge(facts, answer, doubted, signal);
    const broken = brokenDay(verdicts);
    if (broken !== undefined) {
      const { doubtful, figures, date } = broken;
      throw new ProviderError(facts.name, 'malformed', `${doubtful} of ${figures} rates of ${date} are implausible`);
    }
    const suspects = verdicts.flatMap((verdict) => verdict.suspects);
    const plausible = verdicts.flatMap((verdict) => verdict.plausible);
    await this.quarantine.record(facts.name, suspects, this.clock.now());
    if (suspects.length > 0) {
      const examples = suspects.slice(0, 5).map(({ observation: { base, quote, date }, reason }) => {
        return `${base}/${quote} ${date} ${reason}`;
      });
      this.logger.warn({ provider: facts.name, count: suspects.length, examples }, 'rates put into quarantine');
    }
    return { plausible, quarantined: suspects.length, settle: () => this.release(facts, plausible, doubted) };
  }

  /** By series. No weekends, and nothing of tomorrow: a blend has both. */
  private async read(observations: AsyncIterable<Observation>): Promise<Answer> {
    const tomorrow = addDays(this.clock.today(), 1);
    const answer = new Map<PairKey, Observation[]>();
    for await (const row of observations) {
      if (row.date === tomorrow || isWeekend(row.date)) continue;
      const key = pairKey(row.base, row.quote);
      const known = answer.get(key);
      if (known === undefined) answer.set(key, [row]);
      else known.push(row);
    }
    return answer;
  }

  private async judge(
    facts: ProviderFacts,
    answer: Answer,
    doubted: readonly Quarantined[],
    signal: AbortSignal,
  ): Promise<Verdict[]> {
    const days = spanOf(answer);
    const stored = await this.evidence.figures(facts.name, days);
    const verdictOn = (key: PairKey, rows: readonly Observation[], second: readonly SecondOpinion[]) =>
      judgeSeries(rows, {
        today: this.clock.today(),
        earliest: facts.earliest,
        knownCurrencies: rows.every(({ base, quote }) => isKnownCurrency(base) && isKnownCurrency(quote)),
        stored: stored.get(key) ?? [],
        doubtedBefore: doubted.find((figure) => pairKey(figure.base, figure.quote) === key && figure.date < days.from)
          ?.date,
        second,
      });
    const verdicts = new Map<PairKey, Verdict>();
    for (const [key, rows] of answer) {
      // A whole history takes a second to judge: others shall have their turn.
      await nextTurn();
      signal.throwIfAborted();
      verdicts.set(key, verdictOn(key, rows, []));
    }
    const contested = [...verdicts].filter(([, { suspects }]) => suspects.length > 0).map(([key]) => key);
    if (contested.length === 0) return [...verdicts.values()];
    const others = RATE_PROVIDER_NAMES.filter((name) => name !== facts.name);
    const second = await this.evidence.secondOpinions(others, contested, {
      from: addDays(days.from, -SECOND_MARGIN_DAYS),
      to: addDays(days.to, SECOND_MARGIN_DAYS),
    });
    for (const key of contested) verdicts.set(key, verdictOn(key, answer.get(key) ?? [], second.get(key) ?? []));
    return [...verdicts.values()];
  }

  private async release(
    facts: ProviderFacts,
    plausible: readonly Observation[],
    doubted: readonly Quarantined[],
  ): Promise<void> {
    const days = new Set(doubted.map(({ base, quote, date }) => `${pairKey(base, quote)} ${date}`));
    const settled = plausible.filter(({ base, quote, date }) => days.has(`${pairKey(base, quote)} ${date}`));
    if (settled.length === 0) return;
    await this.quarantine.release(facts.name, settled);
    this.logger.log({ provider: facts.name, count: settled.length }, 'rates released from quarantine');
  }
}

function spanOf(answer: Answer): { from: IsoDate; to: IsoDate } {
  let [from, to]: (IsoDate | undefined)[] = [];
  for (const rows of answer.values()) {
    for (const { date } of rows) {
      if (from === undefined || date < from) from = date;
      if (to === undefined || date > to) to = date;
    }
  }
  if (from === undefined || to === undefined) throw new RangeError('an answer without a row has no span');
  return { from, to };
}
