import { Injectable } from '@nestjs/common';
import { ReadyBody } from '../platform/http/ready-body.js';
import { Clock } from '../platform/time/clock.js';
import { UsersService } from '../users/users.service.js';
import { ExchangeRateService } from './exchange-rate.service.js';
import { requireKnownCurrency } from './known-currencies.js';
import { SAMPLE } from './providers/sample.provider.js';
import { RateBook } from './rate-book.js';
import type { RatesAnswer } from './rates-answer.js';
import type { RatesQuestion } from './rates-question.js';
import { WeightedLru } from './weighted-lru.js';

/** Some 90 KB a chart: every currency with its chart and newest rate, and some of other days and bases. */
const MOST_BYTES = 24 * 1024 * 1024;
const HOUR_MS = 3_600_000;

type Kind = 'chart' | 'newest';

/** A {@link RatesAnswer} as it is sent. */
export type ReadyRates = Pick<RatesAnswer<unknown>, 'origin' | 'life'> & { readonly body: ReadyBody };

interface Kept {
  readonly moment: string;
  readonly ready: ReadyRates;
}

/**
 * What {@link ExchangeRateService} says, kept as bytes while it says so: until the book of rates changes, or the hour.
 * Everything that time alone changes in an answer changes on the hour: the day in UTC, and by the publisher's timetable
 * what is stale.
 */
@Injectable()
export class ReadyAnswers {
  private readonly kept = new WeightedLru<Kept>(MOST_BYTES);
  /** Answers in the making, shared by all who ask for the same at the same moment. */
  private readonly inTheMaking = new Map<string, Promise<ReadyRates>>();

  constructor(
    private readonly rates: ExchangeRateService,
    private readonly book: RateBook,
    private readonly users: UsersService,
    private readonly clock: Clock,
  ) {}

  chart(question: RatesQuestion): Promise<ReadyRates> {
    return this.ready('chart', question);
  }

  newest(question: RatesQuestion): Promise<ReadyRates> {
    return this.ready('newest', question);
  }

  async chartOf(userId: string, asOf: string | undefined): Promise<ReadyRates> {
    return this.chart({ quote: await this.users.currencyOf(userId), asOf });
  }

  async newestOf(userId: string, asOf: string | undefined): Promise<ReadyRates> {
    return this.newest({ quote: await this.users.currencyOf(userId), asOf });
  }

  private async ready(kind: Kind, question: RatesQuestion): Promise<ReadyRates> {
    const key = keyOf(kind, question);
    if (key === undefined) return this.make(kind, question, undefined);
    const moment = this.moment();
    const before = this.kept.get(key);
    if (before?.moment === moment) return before.ready;
    const name = `${moment} ${key}`;
    const others = this.inTheMaking.get(name);
    if (others !== undefined) return others;
    const making = this.make(kind, question, before?.ready.body);
    this.inTheMaking.set(name, making);
    try {
      const ready = await making;
      // Made-up rates appear and go with time alone. What changed meanwhile is not of this moment any more.
      if (ready.origin.provider !== SAMPLE && moment === this.moment()) {
        this.kept.set(key, { moment, ready }, ready.body.weight);
      }
      return ready;
    } finally {
      this.inTheMaking.delete(name);
    }
  }

  private async make(kind: Kind, question: RatesQuestion, before: ReadyBody | undefined): Promise<ReadyRates> {
    const { body, origin, life } = await this.rates[kind](question);
    return { body: ReadyBody.json(body).orSame(before), origin, life };
  }

  private moment(): string {
    return `${this.book.version} ${Math.floor(this.clock.now().getTime() / HOUR_MS)}`;
  }
}

/**
 * One text for each question that has one answer at a time. Undefined where more is asked than this knows of. Throws
 * NotFound for what is no currency.
 */
function keyOf(kind: Kind, { quote, base = 'USD', asOf = '', ...more }: RatesQuestion): string | undefined {
  if (Object.values(more).some((value) => value !== undefined)) return undefined;
  return `${kind} ${requireKnownCurrency(quote, 'quote')} ${requireKnownCurrency(base, 'base')} ${asOf}`;
}
