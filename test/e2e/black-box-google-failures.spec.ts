import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BlackBox, expectProblem, JSON_CALLER, type Replica } from '../support/black-box.js';
import type { TestBrowser } from '../support/stand-ins/browser.js';
import type { Fault, Plan } from '../support/stand-ins/faults.js';
import { type Google, startGoogle } from '../support/stand-ins/google.js';
import { HOSTILITIES } from '../support/stand-ins/google-tokens.js';

// Whole processes: on a busy machine they take their time.
jest.setTimeout(60_000);

const DISCOVERY = /GET \/\.well-known/;
const TOKEN = /POST \/token/;
const KEYS = /GET \/oauth2\/v3\/certs/;
const DEADLINE_MS = 10_000;

/** A process and the Google that it asks, apart from the others: what one fails at disturbs nobody else. */
interface Pair {
  readonly replica: Replica;
  readonly google: Google;
}

let box: BlackBox;
/** Has everything in its memory but the answers of the token endpoint. */
let warm: Pair;
/** Never saw Google's keys. */
let keyless: Pair;
/** Never saw Google's metadata. */
let lost: Pair;
/** As `lost`, for a Google that is slow everywhere. */
let slow: Pair;
/** Where a redirect would lead. */
let trap: Google;

async function pairWith(google: Google): Promise<Pair> {
  return { google, replica: await box.addReplica({ GOOGLE_ISSUER: google.url }) };
}

beforeAll(async () => {
  box = await BlackBox.open();
  warm = { google: box.google, replica: box.replicas[0]! };
  const googles = await Promise.all([startGoogle(), startGoogle(), startGoogle(), startGoogle()]);
  trap = googles[3];
  [keyless, lost, slow] = (await Promise.all(googles.slice(0, 3).map(pairWith))) as [Pair, Pair, Pair];
  await box.signedIn('well');
});
afterAll(async () => {
  await Promise.all([keyless, lost, slow].map(({ google }) => google.close()));
  await trap.close();
  await box.close();
});

interface Attempt {
  readonly browser: TestBrowser;
  readonly cookie: string;
  readonly callback: URL;
}

/** A sign-in as far as the callback, begun at the process that is well; the code is of that Google. */
async function attemptAt(google: Google, sub: string): Promise<Attempt> {
  const browser = box.browser();
  const authorize = new URL((await browser.get('/auth/google/login')).headers.get('location') ?? '');
  const at = new URL(`${authorize.pathname}${authorize.search}`, google.url);
  at.searchParams.set('person', sub);
  const back = await browser.get(at.href);
  const cookie = browser.cookieNames().map((name) => `${name}=${browser.cookie(name) ?? ''}`);
  return { browser, cookie: cookie.join('; '), callback: new URL(back.headers.get('location') ?? '') };
}

function answerOf({ callback, cookie }: Attempt, at: Replica, headers: Record<string, string>): Promise<Response> {
  return box.send('GET', `${callback.pathname}${callback.search}`, { headers: { cookie, ...headers }, at: at.url });
}

/** A page of ours that shows no word of the address, leaves nothing to run, and signs nobody in. */
async function expectCalmPage(answer: Response, status: number, hidden: readonly string[]): Promise<void> {
  const page = await answer.text();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page).toContain('Back to the start');
  for (const text of hidden) expect(page).not.toContain(text);
  expectNoSession(answer);
}

function expectNoSession(answer: Response): void {
  expect(answer.headers.get('location')).toBeNull();
  const set = answer.headers.getSetCookie().filter((line) => !/^hx_login_[\w-]+=; Max-Age=0;/.test(line));
  expect(set).toEqual([]);
}

let people = 0;

/** A browser and a program come back from Google while it fails: each is told in its own way, in time, and nothing is stored. */
async function expectFailure({ google, replica }: Pair, status = 502, code = 'google_failed'): Promise<void> {
  const subjects = [`victim-${++people}`, `victim-${++people}`] as const;
  const [visitor, program] = await Promise.all(subjects.map((sub) => attemptAt(google, sub)));
  const since = performance.now();
  const [page, problem] = await Promise.all([
    answerOf(visitor!, replica, { accept: 'text/html' }),
    answerOf(program!, replica, JSON_CALLER),
  ]);
  const query = [...visitor!.callback.searchParams.values()].filter((value) => value.length > 12);
  await expectCalmPage(page, status, query);
  expectNoSession(problem);
  await expectProblem(problem, { status, code });
  expect(performance.now() - since).toBeLessThan(DEADLINE_MS);
  expect(await box.database.dataSource.query('SELECT 1 FROM users WHERE subject = ANY ($1)', [subjects])).toEqual([]);
}

/** While that endpoint answers so. */
async function expectFailureOf(pair: Pair, match: RegExp, fault: Fault, times = Infinity): Promise<Plan> {
  const plan = pair.google.plan({ match, fault, times });
  try {
    await expectFailure(pair);
    expect(plan.hits).toBeGreaterThan(0);
    return plan;
  } finally {
    plan.clear();
  }
}

async function expectWell({ google, replica }: Pair): Promise<void> {
  const answer = await answerOf(await attemptAt(google, 'patient'), replica, { accept: 'text/html' });
  expect(answer.status).toBe(303);
}

describe('an ID token', () => {
  it.each(HOSTILITIES.filter((hostility) => hostility !== 'email_unverified'))('that is bad: %s', async (hostility) => {
    warm.google.hostile(hostility, 2);
    await expectFailure(warm);
  });
});

const FAULTS: [string, () => Fault][] = [
  ['500', () => ({ kind: 'status', status: 500 })],
  ['a redirect', () => ({ kind: 'redirect', to: `${trap.url}/elsewhere` })],
  ['100 MB', () => ({ kind: 'endless' })],
  ['a page of HTML', () => ({ kind: 'html' })],
  ['half an answer', () => ({ kind: 'half', cut: 'clean' })],
  ['half an answer and hangs up', () => ({ kind: 'half' })],
  ['nothing and hangs up', () => ({ kind: 'drop' })],
  ['JSON null', () => ({ kind: 'status', status: 200, body: 'null', headers: { 'content-type': 'application/json' } })],
];

describe.each([
  ['token endpoint', () => warm, TOKEN],
  ['keys', () => keyless, KEYS],
  ['metadata', () => lost, DISCOVERY],
] as const)('when the %s answers', (_which, pair, match) => {
  it.each(FAULTS)('%s', async (_what, fault) => {
    const { bytesSent } = await expectFailureOf(pair(), match, fault());
    // What the operating system takes along unread is some megabytes for each connection.
    expect(bytesSent).toBeLessThan(30 * 1024 * 1024);
    expect(trap.requests).toEqual([]);
  });
});

it('at the very beginning, too, a Google that is not itself leads nowhere', async () => {
  for (const [, fault] of FAULTS) {
    const plan = lost.google.plan({ match: DISCOVERY, fault: fault() });
    try {
      const [page, problem] = await Promise.all(
        ['text/html', 'application/json'].map((accept) =>
          box.send('GET', '/auth/google/login', { headers: { accept }, at: lost.replica.url }),
        ),
      );
      await expectCalmPage(page!, 502, []);
      await expectProblem(problem!, { status: 502, code: 'google_failed' });
    } finally {
      plan.clear();
    }
  }
});

it('ends within ten seconds wherever Google falls silent, and is well once Google is', async () => {
  const silences: Fault[] = [
    { kind: 'hang' },
    { kind: 'hang', after: 'headers' },
    { kind: 'drip', everyMs: 400, pieceBytes: 8 },
  ];
  // One process asks for keys or metadata once for all who wait: there one silence after the other.
  const inTurn = async (pair: Pair, match: RegExp) => {
    for (const fault of silences) await expectFailureOf(pair, match, fault);
  };
  await Promise.all([
    ...silences.map((fault) => expectFailureOf(warm, TOKEN, fault, 2)),
    inTurn(keyless, KEYS),
    inTurn(lost, DISCOVERY),
    expectFailureOfSlowGoogle(),
  ]);
  await Promise.all([warm, keyless, lost, slow].map(expectWell));
});

/** Each answer comes just in time, and the last not at all: the deadlines of the steps must not add up to more. */
async function expectFailureOfSlowGoogle(): Promise<void> {
  const plans = [
    slow.google.plan({ match: DISCOVERY, fault: { kind: 'delay', ms: 2_000 } }),
    slow.google.plan({ match: TOKEN, fault: { kind: 'delay', ms: 4_000 } }),
    slow.google.plan({ match: KEYS, fault: { kind: 'hang' } }),
  ];
  await expectFailure(slow);
  for (const plan of plans) {
    expect(plan.hits).toBeGreaterThan(0);
    plan.clear();
  }
}

describe('what comes back in the address', () => {
  const MARKUP = '"><script>alert(document.domain)</script>{{7*7}}%0d%0aSet-Cookie:planted=1';
  const told = (names: readonly string[]) =>
    new URLSearchParams(Object.fromEntries(names.map((name) => [name, MARKUP]))).toString();

  it.each([
    ['an error', 502, ['error', 'error_description', 'error_uri', 'state']],
    ['a code', 400, ['code', 'state', 'scope', 'iss', 'hd']],
    ['nothing but a state', 400, ['state', 'prompt']],
    ['names that nobody knows', 400, ['constructor', 'prototype', 'returnTo']],
  ])('is shown nowhere: %s', async (_what, status, names) => {
    const callback = `/auth/google/callback?${told(names)}`;
    const page = await box.send('GET', callback, { headers: { accept: 'text/html' } });
    await expectCalmPage(page, status, ['alert', '{{7', 'planted']);
    const problem = await box.send('GET', callback, { headers: JSON_CALLER });
    expectNoSession(problem);
    expect(JSON.stringify(await expectProblem(problem, { status }))).not.toMatch(/alert|planted|\{\{/);
  });

  it('is shown nowhere when the state is right, and the code is markup', async () => {
    const { callback, cookie } = await attemptAt(warm.google, 'marked-up');
    callback.searchParams.set('code', MARKUP);
    const answer = await answerOf({ callback, cookie, browser: box.browser() }, warm.replica, { accept: 'text/html' });
    await expectCalmPage(answer, 502, ['alert', '{{7', 'planted']);
  });

  it('is a refusal of the visitor', async () => {
    warm.google.refuse({ times: 2 });
    await expectFailure(warm, 403, 'sign_in_denied');
  });
});
