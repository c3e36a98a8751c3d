import type { Point } from '../domain/series.js';
import { changeText, dayText, rateText } from './figures-text.js';
import { element, Markup } from './markup.js';
import { drawPlot, plotLayout } from './plot.js';
import type { Theme } from './themes.js';

/** What a picture tells. Text is taken as it is, and escaped. */
export interface ChartPicture {
  readonly base: string;
  readonly quote: string;
  /** Names of both currencies for people. */
  readonly baseName: string;
  readonly quoteName: string;
  /** In words: `1 year`. */
  readonly range: string;
  /** At least one, ascending, rates as served; the last is the newest. */
  readonly points: readonly Point[];
  readonly low: Point;
  readonly high: Point;
  /** Who published the figures. */
  readonly source: string;
  readonly stale: boolean;
  /** Made-up figures. */
  readonly sample: boolean;
}

export const WIDTH = 720;
export const HEIGHT = 360;
const EDGE = 24;
const LONGEST_SUBTITLE = 62;
const FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/**
 * The picture of a range as SVG: text as text in the reader's own fonts, presentation attributes alone (no style, no
 * script), nothing from elsewhere. The same picture gives the same bytes.
 */
export function chartSvg(picture: ChartPicture, theme: Theme): string {
  const { base, quote, points, sample } = picture;
  const newest = points.at(-1);
  const first = points[0];
  if (newest === undefined || first === undefined) throw new RangeError('a picture needs a point');
  const title = `1 ${base} = ${rateText(newest.rate)} ${quote}`;
  const layout = plotLayout(picture, { left: EDGE, right: WIDTH - EDGE, top: 82, bottom: 294 });
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height: HEIGHT,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'img',
      'aria-labelledby': 'title description',
      'font-family': FONTS,
    },
    element('title', { id: 'title' }, `${title}, ${dayText(newest.date)}`),
    element('desc', { id: 'description' }, description(picture, first, newest)),
    frame(theme, sample),
    element('text', { x: EDGE, y: 38, 'font-size': 21, 'font-weight': 600, fill: theme.text }, title),
    element('text', { x: EDGE, y: 60, 'font-size': 13, fill: theme.muted }, subtitle(picture, newest)),
    atRight(
      38,
      15,
      theme.text,
      points.length < 2 ? picture.range : `${changeText(first.rate, newest.rate)} in ${picture.range}`,
    ),
    warning(picture, theme),
    drawPlot(picture, layout, theme),
    element('text', { x: EDGE, y: 343, 'font-size': 12, fill: sample ? theme.danger : theme.muted }, footer(picture)),
  );
  return `${svg.toString()}\n`;
}

function frame(theme: Theme, sample: boolean): Markup {
  const stroke = sample ? theme.danger : theme.border;
  return element('rect', {
    x: 0.5,
    y: 0.5,
    width: WIDTH - 1,
    height: HEIGHT - 1,
    rx: 10,
    fill: theme.background,
    stroke,
  });
}

/** Names where they fit beside a warning, else codes. */
function subtitle({ base, quote, baseName, quoteName }: ChartPicture, newest: Point): string {
  const named = `${quoteName} for one ${baseName}, ${dayText(newest.date)}`;
  return named.length <= LONGEST_SUBTITLE ? named : `${quote} for one ${base}, ${dayText(newest.date)}`;
}

function warning({ stale, sample }: ChartPicture, theme: Theme): Markup {
  if (sample) return atRight(60, 13, theme.danger, 'SAMPLE: made up, not real rates', 700);
  if (stale) return atRight(60, 13, theme.warning, 'Stale: a newer rate is due', 600);
  return new Markup('');
}

function footer({ source, sample }: ChartPicture): string {
  if (sample) return 'Made-up sample rates. They are nobody’s and mean nothing.';
  return `Source: ${source}. Reference rates, for information only.`;
}

function description(picture: ChartPicture, first: Point, newest: Point): string {
  const { base, quote, low, high, points, stale } = picture;
  const said = ({ rate, date }: Point) => `${rateText(rate)} on ${dayText(date)}`;
  return [
    `${quote} for one ${base} from ${dayText(first.date)} to ${dayText(newest.date)}, ${points.length} observations.`,
    `Low ${said(low)}, high ${said(high)}.`,
    ...(stale ? ['A newer rate is due and not here yet.'] : []),
    footer(picture),
  ].join(' ');
}

function atRight(y: number, size: number, fill: string, text: string, weight = 500): Markup {
  const attributes = { x: WIDTH - EDGE, y, 'text-anchor': 'end', 'font-size': size, 'font-weight': weight, fill };
  return element('text', attributes, text);
}
