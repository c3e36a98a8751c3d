import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import Big from 'big.js';
import type { Server } from 'node:http';
import { JoinLimit } from '../../src/exchange-rate/rate-desk.js';
import { ReaderPatience } from '../../src/platform/http/text-stream.js';
import { expectedPoints, fetchRates, get, until } from '../support/rates.js';
import { SettableClock } from '../support/settable-clock.js';
import { Dataset } from '../support/stand-ins/dataset.js';
import { startFrankfurter } from '../support/stand-ins/frankfurter.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface Day {
  readonly date: string;
  readonly rate: number;
}

const TODAY = '2026-08-07';
/** So many whole histories, of about so many bytes, are more than the buffers of a connection take. */
const [PIPELINED, WHOLE_BYTES] = [60, 250_000];
const dataset = new Dataset({ to: TODAY });
const clock = new SettableClock(`${TODAY}T18:00:00Z`);
const historyPath = (quote: string, query = '') => `/api/exchange-rate/${quote}/history${query}`;

/** The ECB's file with some of its columns: all of its years are what counts here. */
function ecbFileOf(codes: readonly string[]): string {
  const days = dataset.ecb('USD')!.between('', TODAY).reverse();
  const rows = days.map(({ date }) => [date, ...codes.map((code) => dataset.ecb(code)?.at(date)?.rate ?? 'N/A')]);
  return [['Date', ...codes], ...rows].map((cells) => `${cells.join(',')},\n`).join('');
}

describe('the history of a pair', () => {
  let folder: string;
  let server: TestApp;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hackonomics-history-'));
    const file = join(folder, 'eurofxref-hist.csv');
    await writeFile(file, ecbFileOf(['USD', 'KRW', 'INR', 'HRK', 'RUB', 'LTL']));
    const env = { ROLE: 'api', RATE_PROVIDERS: 'ecb', ECB_HISTORY_URL: file };
    server = await startTestApp({ env, clock });
    await fetchRates(server, 'ecb');
    await until(
      () => get(server, historyPath('KRW', '?to=1999-01-29')),
      ({ status }) => status === 200,
    );
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  afterEach(() => void jest.restoreAllMocks());

  const text = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const answer = await fetch(`${server.url}${path}`, { method, headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const datesOf = (body: { observations: Day[] }) => body.observations.map(({ date }) => date);
  /** By day, ISO week or month, apart from the product's own arithmetic. */
  const lastOf = (days: readonly Day[], nameOf: (date: string) => string) => [
    ...new Map(days.map((day) => [nameOf(day.date), day])).values(),
  ];
  const weekOf = (date: string) => {
    const monday = new Date(`${date}T00:00:00Z`);
    monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
    return monday.toISOString();
  };

  it('has every observation of 27 years, crossed from the euro legs', async () => {
    const { status, body, headers, text: sent } = await get(server, historyPath('krw'));
    const expected = expectedPoints(dataset, 'USD', 'KRW', '1999-01-04', TODAY);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['base', 'quote', 'provider', 'date', 'stale', 'observations']);
    expect(body).toEqual({
      base: 'USD',
      quote: 'KRW',
      provider: 'ecb',
      date: TODAY,
      stale: false,
      observations: expected,
    });
    expect(expected.length).toBeGreaterThan(6_900);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('content-length')).toBe(String(sent.length));
    expect(headers.get('vary')).toContain('Accept');
    expect(headers.get('x-rates-provider')).toBe('ecb');
    expect(headers.get('x-rates-date')).toBe(TODAY);
    expect(headers.get('x-rates-stale')).toBe('false');
    expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
  });

  it('is CSV with the digits as published, under a name that says what it is', async () => {
    const { headers, text: csv } = await text(`/api/exchange-rate/KRW/history.csv?base=EUR&from=2026-01-01`);
    const published = dataset.ecb('KRW')!.between('2026-01-01', TODAY);
    const rows = published.map(({ date, rate }) => `${date},EUR,KRW,${rate}\r\n`);
    expect(csv).toBe(`date,base,quote,rate\r\n${rows.join('')}`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="EUR-KRW_2026-01-02_${TODAY}.csv"`);
    expect(headers.get('x-rates-date')).toBe(TODAY);
    expect(headers.get('vary') ?? '').not.toContain('Accept');
  });

  it('is NDJSON, a line for each observation', async () => {
    const { headers, text: lines } = await text('/api/exchange-rate/USD/history.ndjson?base=KRW&from=2025-06-01');
    const days = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Day);
    expect(days).toEqual(expectedPoints(dataset, 'KRW', 'USD', '2025-06-01', TODAY));
    expect(lines.endsWith('}\n')).toBe(true);
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="KRW-USD_2025-06-02_${TODAY}.ndjson"`);
  });

  it('has the same rates in each format', async () => {
    const range = '?from=2003-05-01&to=2011-02-28&group=week';
    const { body } = await get(server, historyPath('INR', range));
    const csv = (await text(`/api/exchange-rate/INR/history.csv${range}`)).text.trimEnd().split('\r\n').slice(1);
    const ndjson = (await text(`/api/exchange-rate/INR/history.ndjson${range}`)).text.trimEnd().split('\n');
    expect(ndjson.map((line) => JSON.parse(line) as Day)).toEqual(body.observations);
    expect(csv.map((line) => line.split(',')).map(([date, , , rate]) => ({ date, rate: Number(rate) }))).toEqual(
      body.observations,
    );
    // To the digit: no rate in the CSV has been through a double.
    for (const [index, line] of csv.entries()) {
      expect(new Big(line.split(',')[3]!).eq(new Big(String((body.observations as Day[])[index]?.rate)))).toBe(true);
    }
  });

  it.each([
    ['text/csv', 'text/csv'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    ['text/*', 'text/csv'],
    ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['application/json;q=0, text/csv;q=0.1', 'text/csv'],
  ])('answers Accept: %s with %s', async (accept, type) => {
    const { status, headers } = await text(historyPath('KRW', '?from=2026-08-01'), { accept });
    expect([status, headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
    expect(headers.get('vary')).toContain('Accept');
  });

  it('is refused with 406 where Accept allows none of the three; a path that names one has no such question', async () => {
    const refused = await get(server, historyPath('KRW'), { accept: 'image/png' });
    expect(refused.status).toBe(406);
    expect(refused.body).toMatchObject({ code: 'not_acceptable', detail: expect.stringContaining('text/csv') });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.headers.get('vary')).toContain('Accept');
    const csv = await text('/api/exchange-rate/KRW/history.csv?from=2026-08-01', { accept: 'image/png' });
    expect([csv.status, csv.headers.get('content-type')?.split(';')[0]]).toEqual([200, 'text/csv']);
  });

  it('keeps the last observation of each ISO week or month', async () => {
    const all = expectedPoints(dataset, 'USD', 'KRW', '2019-11-06', '2021-02-10');
    const of = async (group: string) =>
      (await get(server, historyPath('KRW', `?from=2019-11-06&to=2021-02-10&group=${group}`))).body
        .observations as Day[];
    expect(await of('day')).toEqual(all);
    expect(await of('week')).toEqual(lastOf(all, weekOf));
    expect(await of('month')).toEqual(lastOf(all, (date) => date.slice(0, 7)));
    expect((await of('month')).at(-1)?.date).toBe('2021-02-10');
  });

  it('uses nothing later than asOf, and to no further than that', async () => {
    const expected = expectedPoints(dataset, 'USD', 'KRW', '2018-12-31', '2020-03-04');
    for (const query of [
      '?from=2018-12-31&asOf=2020-03-04',
      '?from=2018-12-31&asOf=2020-03-04&to=2026-01-01',
      '?from=2018-12-31&to=2020-03-04',
      '?from=2018-12-31&to=2020-03-04&asOf=2021-01-01',
    ]) {
      const { body, headers } = await get(server, historyPath('KRW', query));
      expect(body.observations).toEqual(expected);
      expect([body.date, headers.get('x-rates-date')]).toEqual(['2020-03-04', '2020-03-04']);
      expect(body.stale).toBe(false);
    }
  });

  it('begins with the first observation, however early the caller asks', async () => {
    const { body } = await get(server, historyPath('KRW', '?from=1990-01-01&to=1999-01-08'));
    expect(datesOf(body)).toEqual(['1999-01-04', '1999-01-05', '1999-01-06', '1999-01-07', '1999-01-08']);
  });

  it('knows the leap day', async () => {
    const { body } = await get(server, historyPath('KRW', '?from=2024-02-29&to=2024-02-29'));
    expect(body.observations).toEqual(expectedPoints(dataset, 'USD', 'KRW', '2024-02-29', '2024-02-29'));
    expect(body.observations).toHaveLength(1);
    expect((await get(server, historyPath('KRW', '?from=2023-02-29'))).body.errors).toMatchObject([{ field: 'from' }]);
  });

  it('of a closed currency is there up to its last day, and says it afterwards', async () => {
    const lived = await get(server, historyPath('HRK', '?to=2022-12-30&group=month'));
    expect(lived.status).toBe(200);
    const days = expectedPoints(dataset, 'USD', 'HRK', '1999-01-04', '2022-12-30');
    expect(lived.body.observations).toEqual(lastOf(days, (date) => date.slice(0, 7)));
    expect(lived.body).toMatchObject({ date: '2022-12-30', stale: false });
    const old = await get(server, historyPath('LTL', '?base=EUR&to=2014-12-31&from=2014-12-29'));
    expect(datesOf(old.body)).toEqual(['2014-12-29', '2014-12-30', '2014-12-31']);
    expect((await get(server, historyPath('LTL'))).body).toMatchObject({ status: 410, code: 'discontinued' });
    for (const query of ['', '?to=2023-01-02', '?from=2010-01-01', '?base=EUR']) {
      const closed = await get(server, historyPath('HRK', query));
      expect(closed.body).toMatchObject({ status: 410, code: 'discontinued' });
      expect(closed.body.detail).toContain('2022-12-30');
    }
  });

  it('of a currency that fell silent ends with its last observation, marked stale', async () => {
    const { body, headers } = await get(server, historyPath('RUB', '?from=2022-01-01'));
    expect(body).toMatchObject({ date: '2022-03-01', stale: true });
    expect(datesOf(body).at(-1)).toBe('2022-03-01');
    expect(headers.get('x-rates-stale')).toBe('true');
  });

  const problems: { what: string; path: string; status: number; code: string; field?: string }[] = [
    {
      what: 'a reversed range',
      path: '?from=2026-02-02&to=2026-02-01',
      status: 400,
      code: 'invalid_request',
      field: 'from',
    },
    { what: 'a group of years', path: '?group=year', status: 400, code: 'invalid_request', field: 'group' },
    { what: 'an empty group', path: '?group=', status: 400, code: 'invalid_request', field: 'group' },
    { what: 'two groups', path: '?group=day&group=week', status: 400, code: 'invalid_request', field: 'group' },
    { what: 'a first day in words', path: '?from=yesterday', status: 400, code: 'invalid_request', field: 'from' },
    { what: 'a last day that is none', path: '?to=2026-02-30', status: 400, code: 'invalid_request', field: 'to' },
    { what: 'a timestamp as day', path: '?to=2026-02-03T00:00:00Z', status: 400, code: 'invalid_request', field: 'to' },
    { what: 'an unknown parameter', path: '?format=csv', status: 400, code: 'invalid_request', field: 'format' },
    { what: 'a weekend', path: '?from=2026-08-01&to=2026-08-02', status: 404, code: 'no_data' },
    { what: 'days before all rates', path: '?to=1999-01-03', status: 404, code: 'no_data' },
    { what: 'days to come', path: '?from=2026-08-08', status: 404, code: 'no_data' },
    { what: 'days after asOf', path: '?from=2026-01-05&asOf=2026-01-02', status: 404, code: 'no_data' },
    { what: 'an unknown base', path: '?base=XQZ', status: 404, code: 'currency_unknown', field: 'base' },
  ];
  it.each(problems)('refuses $what in each format', async ({ path, status, code, field }) => {
    for (const name of ['history', 'history.csv', 'history.ndjson']) {
      const answer = await get(server, `/api/exchange-rate/KRW/${name}${path}`, { accept: '*/*' });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('content-disposition')).toBeNull();
      expect(answer.body).toMatchObject({ status, code });
      expect(answer.body.errors).toEqual(field === undefined ? undefined : [{ field, message: expect.any(String) }]);
    }
  });

  it('refuses what is no pair', async () => {
    expect((await get(server, historyPath('XQZ'))).body).toMatchObject({ status: 404, code: 'currency_unknown' });
    expect((await get(server, historyPath('convert'))).body).toMatchObject({ status: 404, code: 'currency_unknown' });
    expect((await get(server, historyPath('USD'))).body).toMatchObject({ status: 409, code: 'currency_is_base' });
    expect((await get(server, historyPath('TWD'))).body).toMatchObject({ status: 404, code: 'no_data' });
  });

  it('answers HEAD as GET, without the text', async () => {
    for (const name of ['history', 'history.csv', 'history.ndjson']) {
      const path = `/api/exchange-rate/KRW/${name}`;
      const [head, whole] = [await text(path, {}, 'HEAD'), await text(path)];
      expect([head.status, head.text]).toEqual([200, '']);
      for (const header of ['content-length', 'content-type', 'content-disposition', 'etag', 'vary', 'x-rates-date']) {
        expect([header, head.headers.get(header)]).toEqual([header, whole.headers.get(header)]);
      }
      expect(whole.headers.get('content-length')).toBe(String(whole.text.length));
    }
  });

  it('tells an unchanged text by its ETag, which is another one in another format', async () => {
    const tags = new Set<string>();
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
      const etag = (await text(historyPath('KRW'), { accept })).headers.get('etag') ?? '';
      tags.add(etag);
      const again = await text(historyPath('KRW'), { accept, 'if-none-match': etag, 'cache-control': 'max-age=0' });
      expect([again.status, again.text]).toEqual([304, '']);
      expect(again.headers.get('x-rates-provider')).toBe('ecb');
      expect(again.headers.get('x-rates-date')).toBe(TODAY);
      expect(again.headers.get('vary')).toContain('Accept');
    }
    expect(tags.size).toBe(3);
  });

  it('goes no faster than it is read, and leaves nothing behind where the reader goes away', async () => {
    const [errors, warnings] = [jest.spyOn(Logger.prototype, 'error'), jest.spyOn(Logger.prototype, 'warn')];
    const http = server.app.get(HttpAdapterHost).httpAdapter.getHttpServer() as Server;
    const accepted = once(http, 'connection');
    // One answer fits into the buffers of a connection, so many of them one behind the other do not.
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(`GET ${historyPath('KRW')} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(PIPELINED));
    await once(socket, 'data');
    socket.pause();
    const [connection] = (await accepted) as [Socket];
    let [sent, calm] = [connection.bytesWritten, 0];
    while (calm < 1_000) {
      await new Promise((resolve) => setImmediate(resolve));
      calm = connection.bytesWritten === sent ? calm + 1 : 0;
      sent = connection.bytesWritten;
    }
    expect(sent).toBeLessThan(PIPELINED * WHOLE_BYTES * 0.9);
    // Meanwhile everybody else is served.
    expect((await get(server, historyPath('KRW', '?from=2026-08-01'))).status).toBe(200);
    socket.destroy();
    await until(
      () => connection.destroyed,
      (gone) => gone,
    );
    expect([errors.mock.calls, warnings.mock.calls]).toEqual([[], []]);
  });

  it('cuts off a reader who takes nothing', async () => {
    const patience = server.app.get(ReaderPatience, { strict: false });
    const usual = patience.milliseconds;
    patience.milliseconds = 200;
    try {
      const http = server.app.get(HttpAdapterHost).httpAdapter.getHttpServer() as Server;
      const accepted = once(http, 'connection');
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`GET ${historyPath('KRW')} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(PIPELINED));
      await once(socket, 'data');
      socket.pause();
      const [connection] = (await accepted) as [Socket];
      if (!connection.destroyed) await once(connection, 'close');
      socket.destroy();
    } finally {
      patience.milliseconds = usual;
    }
  });
});

it('is served whole or not at all: while the first load has not reached back so far, one has to come again', async () => {
  const recent = new Dataset({ from: '2024-01-02', to: TODAY });
  const frankfurter = await startFrankfurter({ dataset: recent, today: () => TODAY });
  const env = { ROLE: 'api', RATE_PROVIDERS: 'frankfurter', FRANKFURTER_URL: frankfurter.url };
  const server = await startTestApp({ env, clock });
  try {
    server.app.get(JoinLimit, { strict: false }).milliseconds = 50;
    frankfurter.plan({ match: /from=20(19|2[0-3])/, fault: { kind: 'status', status: 500 } });
    await expect(fetchRates(server, 'frankfurter')).rejects.toThrow();
    const inside = await get(server, historyPath('KRW', '?from=2025-01-01'));
    expect(inside.body.observations).toEqual(expectedPoints(recent, 'USD', 'KRW', '2025-01-01', TODAY));
    const whole = await get(server, historyPath('KRW'));
    expect(whole.body).toMatchObject({ status: 503, code: 'rates_not_ready' });
    expect(whole.headers.get('retry-after')).toBe('5');
  } finally {
    await server.stop();
    await frankfurter.close();
  }
});
