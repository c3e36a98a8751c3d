import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import Big from 'big.js';
import { SessionsService } from '../../src/auth/sessions/sessions.service.js';
import { AccessTokens } from '../../src/auth/tokens/access-tokens.service.js';
import { RateProviders } from '../../src/exchange-rate/providers/providers.js';
import { RateRefreshService } from '../../src/exchange-rate/rate-refresh.service.js';
import type { Dataset } from './stand-ins/dataset.js';
import type { TestApp } from './test-app.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Text as sent, for comparisons to the byte. */
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies are asserted, not typed
  readonly body: any;
}

export async function get(
  { url }: Pick<TestApp, 'url'>,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

/** Asks until the answer is the one waited for, and gives it; throws with the last one when the time is over. */
export async function until<T>(ask: () => Promise<T> | T, isDone: (answer: T) => boolean, ms = 8_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not in ${ms} ms; the last answer: ${JSON.stringify(answer)}`);
    await pause(10);
  }
}

/** Does what the job of this provider does, now. */
export async function fetchRates(
  { app }: TestApp,
  provider: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const found = app.get(RateProviders, { strict: false }).named(provider);
  if (found === undefined) throw new Error(`${provider} is not switched on`);
  await app.get(RateRefreshService, { strict: false }).catchUp(found, signal);
}

/** A person with a chosen currency, and the header with which they call. */
export async function signedIn(
  { app, database }: TestApp,
  choice: { country: string; currency: string } | undefined,
): Promise<{ authorization: string }> {
  const identity = { issuer: 'https://issuer.test', subject: randomUUID(), email: null, emailVerified: false };
  const device = { address: null, userAgent: null, requestId: 'a-request-id' };
  const sessions = app.get(SessionsService, { strict: false });
  const { id, user } = await sessions.signIn({ ...identity, name: null, picture: null }, device);
  await database.dataSource.query('UPDATE users SET country = $2, currency = $3 WHERE id = $1', [
    user.id,
    choice?.country ?? null,
    choice?.currency ?? null,
  ]);
  const token = app.get(AccessTokens, { strict: false }).issue({ id, user });
  return { authorization: `Bearer ${token}` };
}

/** The chart of a pair out of the ECB's legs, computed apart from the product's own arithmetic. */
export function expectedChart(dataset: Dataset, base: string, quote: string, asOf: string) {
  const range = (months: number) => expectedPoints(dataset, base, quote, monthsBefore(asOf, months), asOf);
  return { '3m': range(3), '6m': range(6), '1y': range(12), '2y': range(24) };
}

export function expectedPoints(dataset: Dataset, base: string, quote: string, from: string, to: string) {
  const leg = (code: string, date: string) => (code === 'EUR' ? '1' : dataset.ecb(code)?.at(date)?.rate);
  return (dataset.ecb('USD')?.between(from, to) ?? []).flatMap(({ date }) => {
    const [numerator, denominator] = [leg(quote, date), leg(base, date)];
    if (numerator === undefined || denominator === undefined) return [];
    // What is published as such is not computed at all.
    const rate = base === 'EUR' ? numerator : sixDigits(numerator, denominator);
    return [{ date, rate: Number(rate) }];
  });
}

function sixDigits(numerator: string, denominator: string): string {
  return new Precise(numerator).div(new Precise(denominator)).prec(6, Big.roundHalfEven).toFixed();
}

const Precise = Big();
Precise.DP = 60;

/** N calendar months before a day, clamped to the last day of its month. */
export function monthsBefore(day: string, months: number): string {
  const [year = 0, month = 0, dayOfMonth = 0] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - months, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(dayOfMonth, lastDay));
  return first.toISOString().slice(0, 10);
}
