import type { Point } from '../domain/series.js';
import { monthTicks, timeScale } from './date-axis.js';
import { dayText, monthText, rateText } from './figures-text.js';
import { element, Markup } from './markup.js';
import type { Theme } from './themes.js';
import { thinned } from './thinning.js';
import { type ValueAxis, valueAxis } from './value-axis.js';

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Plotted {
  readonly points: readonly Point[];
  readonly low: Point;
  readonly high: Point;
  readonly sample: boolean;
}

/** The area of the line, and where in it a point lies. */
export interface PlotLayout {
  readonly box: Box;
  readonly axis: ValueAxis;
  readonly x: (date: Point['date']) => number;
  readonly y: (value: number) => number;
}

/** More would not be seen. */
const MOST_POINTS = 400;
const LABEL_SIZE = 12;
/** Wide enough for digits of every common font, as a share of their size. */
const DIGIT_WIDTH = 0.62;
/** Half of what the label of a month needs, and all that the label of a day needs. */
const MONTH_ROOM = 30;
const DAY_ROOM = 84;
/** Labels of the low and the high need this much on their longer side. */
const EXTREME_ROOM = 90;

/** Finds the axis and leaves room for its labels on the left. The points must be at least one. */
export function plotLayout({ points, low, high }: Plotted, outer: Box): PlotLayout {
  const axis = valueAxis(Number(low.rate), Number(high.rate));
  const longest = Math.max(...axis.ticks.map(({ rate }) => rateText(rate).length));
  const box = { ...outer, left: Math.ceil(outer.left + longest * LABEL_SIZE * DIGIT_WIDTH + 10) };
  const share = timeScale((points[0] ?? low).date, (points.at(-1) ?? low).date);
  return {
    box,
    axis,
    x: (date) => box.left + share(date) * (box.right - box.left),
    y: (value) => box.bottom - ((value - axis.low) / (axis.high - axis.low)) * (box.bottom - box.top),
  };
}

export function drawPlot(plotted: Plotted, layout: PlotLayout, theme: Theme): Markup {
  const colour = plotted.sample ? theme.danger : theme.line;
  return group(
    {},
    ...layout.axis.ticks.map(({ value, rate }) => gridLine(layout, layout.y(value), rateText(rate), theme)),
    dates(plotted.points, layout, theme),
    line(thinned(plotted.points, MOST_POINTS), layout, colour),
    ...extremes(plotted, layout, colour, theme),
  );
}

function gridLine({ box }: PlotLayout, at: number, label: string, theme: Theme): Markup {
  // In the middle of a row of pixels, so that it is sharp.
  const y = Math.min(Math.floor(at) + 0.5, box.bottom);
  return group(
    {},
    element('path', { d: `M${box.left} ${y}H${box.right}`, stroke: theme.grid }),
    text(box.left - 10, at + 4, 'end', label, theme.muted),
  );
}

function dates(points: readonly Point[], layout: PlotLayout, theme: Theme): Markup {
  const { box, x } = layout;
  const [first, last] = [points[0]?.date, points.at(-1)?.date];
  if (first === undefined || last === undefined) return group({});
  const y = box.bottom + 20;
  const label = (at: number, anchor: Anchor, written: string) => text(at, y, anchor, written, theme.muted);
  if (first === last) return group({}, label(x(first), 'middle', dayText(first)));
  const [from, to] = [box.left + DAY_ROOM + MONTH_ROOM, box.right - DAY_ROOM - MONTH_ROOM];
  const months = monthTicks(first, last).filter((month) => x(month) >= from && x(month) <= to);
  return group(
    {},
    label(box.left, 'start', dayText(first)),
    ...months.map((month) => label(x(month), 'middle', monthText(month))),
    label(box.right, 'end', dayText(last)),
    element('path', {
      d: [first, ...months, last].map((date) => `M${coordinate(x(date))} ${box.bottom}v4`).join(''),
      stroke: theme.muted,
    }),
  );
}

function line(points: readonly Point[], { box, x, y }: PlotLayout, colour: string): Markup {
  const path = points.map(({ date, rate }) => `${coordinate(x(date))} ${coordinate(y(Number(rate)))}`).join('L');
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return group({});
  const newest = { cx: coordinate(x(last.date)), cy: coordinate(y(Number(last.rate))), r: 3.5, fill: colour };
  const [from, to] = [coordinate(x(first.date)), coordinate(x(last.date))];
  return group(
    {},
    element(
      'linearGradient',
      { id: 'fade', x1: 0, y1: 0, x2: 0, y2: 1 },
      element('stop', { offset: 0, 'stop-color': colour, 'stop-opacity': 0.3 }),
      element('stop', { offset: 1, 'stop-color': colour, 'stop-opacity': 0.02 }),
    ),
    element('path', { d: `M${path}L${to} ${box.bottom}L${from} ${box.bottom}Z`, fill: 'url(#fade)' }),
    element('path', {
      d: `M${path}`,
      fill: 'none',
      stroke: colour,
      'stroke-width': 2,
      'stroke-linejoin': 'round',
      'stroke-linecap': 'round',
    }),
    element('circle', newest),
  );
}

function extremes({ low, high }: Plotted, layout: PlotLayout, colour: string, theme: Theme): Markup[] {
  const said = (name: string, point: Point) => `${name} ${rateText(point.rate)}, ${dayText(point.date)}`;
  const mark = (point: Point, label: string, dy: number) => marked(point, label, dy, layout, colour, theme);
  if (Number(low.rate) === Number(high.rate)) return [mark(low, `Low and high ${rateText(low.rate)}`, -11)];
  return [mark(high, said('High', high), -11), mark(low, said('Low', low), 20)];
}

function marked(point: Point, label: string, dy: number, layout: PlotLayout, colour: string, theme: Theme): Markup {
  const { box } = layout;
  const [x, y] = [layout.x(point.date), layout.y(Number(point.rate))];
  const anchor = x < box.left + EXTREME_ROOM ? 'start' : x > box.right - EXTREME_ROOM ? 'end' : 'middle';
  const dot = { cx: coordinate(x), cy: coordinate(y), r: 3.5, fill: theme.background, stroke: colour };
  return group(
    {},
    element('circle', { ...dot, 'stroke-width': 2 }),
    // A rim in the colour of the ground keeps the line and the grid out of the letters.
    group(
      { stroke: theme.background, 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' },
      text(x, y + dy, anchor, label, theme.text),
    ),
  );
}

type Anchor = 'start' | 'middle' | 'end';

function text(x: number, y: number, anchor: Anchor, written: string, fill: string): Markup {
  const at = { x: coordinate(x), y: coordinate(y) };
  return element('text', { ...at, 'text-anchor': anchor, 'font-size': LABEL_SIZE, fill }, written);
}

function group(attributes: Readonly<Record<string, string | number>>, ...children: readonly Markup[]): Markup {
  return element('g', attributes, ...children);
}

/** A tenth of a pixel is enough, and keeps the picture small. */
function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}
