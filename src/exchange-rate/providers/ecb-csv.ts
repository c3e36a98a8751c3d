import { setImmediate as nextTurn } from 'node:timers/promises';
import { currencyCode, type CurrencyCode } from '../../../libs/money/currency.js';
import type { Observation } from '../domain/observation.js';
import { ProviderError, shown } from './provider-error.js';
import { publishedDate, publishedRate } from './published.js';

const NAME = 'ecb';
const EUR = currencyCode('EUR');
/** Rows between two turns of the event loop; some 2 ms of work. */
const ROWS_PER_TURN = 200;

/**
 * The ECB's history, `Date,USD,JPY,…` and a row per day, newest first: units of the column's currency for one EUR, `N/A`
 * for none. The format knows no quotation marks. Every row is checked; any that is wrong refuses the file. Columns are
 * left as they are: TRL and TRY are two.
 */
export async function parseEcbCsv(text: string, signal?: AbortSignal): Promise<Observation[]> {
  if (!text.endsWith('\n')) throw new ProviderError(NAME, 'malformed', 'the file ends in the middle of a line');
  const [head = '', ...lines] = text.split(/\r?\n/);
  const header = cellsOf(head);
  const columns = columnsOf(header);
  const observations: Observation[] = [];
  for (const [index, line] of lines.entries()) {
    if (index % ROWS_PER_TURN === 0) {
      await nextTurn();
      signal?.throwIfAborted();
    }
    if (line !== '') addRow(observations, cellsOf(line), header.length, columns);
  }
  if (observations.length === 0) throw new ProviderError(NAME, 'malformed', 'a history without a rate');
  return observations;
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}

/** The currency of each cell after the date; the comma at the line's end makes an empty one, which is none. */
function columnsOf([first, ...cells]: readonly string[]): CurrencyCode[] {
  const codes = cells.at(-1) === '' ? cells.slice(0, -1) : cells;
  const known = codes.every((code) => /^[A-Z]{3}$/.test(code)) && new Set(codes).size === codes.length;
  if (first !== 'Date' || !known || !codes.includes('USD')) {
    throw new ProviderError(NAME, 'malformed', `no header of the ECB's history: ${shown(first ?? '')}`);
  }
  return codes.map(currencyCode);
}

function addRow(into: Observation[], cells: readonly string[], width: number, columns: readonly CurrencyCode[]): void {
  const date = publishedDate(NAME, cells[0]);
  if (cells.length !== width) {
    throw new ProviderError(NAME, 'malformed', `${cells.length} columns instead of ${width} on ${date}`);
  }
  columns.forEach((quote, column) => {
    const cell = cells[column + 1];
    if (cell !== 'N/A') into.push({ base: EUR, quote, date, rate: publishedRate(NAME, cell, date, quote) });
  });
}
