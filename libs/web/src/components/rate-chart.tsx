import {
  AreaSeries,
  createChart,
  CrosshairMode,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
  TickMarkType,
  type Time,
} from 'lightweight-charts';
import { useEffect, useRef, useState } from 'react';
import { formats } from '../locale.js';
import { commonDecimals, type Point } from '../ranges.js';

interface Props {
  points: readonly Point[];
  decimals: number;
  /** What the picture shows, in a sentence. */
  label: string;
}

/** Observations of about ten months; the scale of a longer range names months and years alone. */
const LONG_RANGE = 200;

/** The observation under the pointer, and which side of it has room for a note. */
interface Reading {
  point: Point;
  /** Pixels from the chart's left edge. */
  x: number;
  width: number;
}

/** The line of one range. In a file of its own, because it is the one to load the chart library. */
export default function RateChart({ points, decimals, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [reading, setReading] = useState<Reading | null>(null);
  const drawn = useRef<{ chart: IChartApi; series: ISeriesApi<'Area'> } | null>(null);

  useEffect(() => {
    if (!box.current) return;
    const element = box.current;
    const chart = createChart(element, {
      autoSize: true,
      // Its logo brings a style element, which the content security policy refuses. The foot of the page
      // carries the attribution and the link that the licence asks for.
      layout: { attributionLogo: false },
      // Ranges are chosen by the tabs; a finger on the chart scrolls the page.
      handleScroll: false,
      handleScale: false,
      // The note beside the pointer says day and rate; the labels on the scales would say them again.
      crosshair: {
        mode: CrosshairMode.Magnet,
        vertLine: { labelVisible: false, style: LineStyle.Solid, width: 1 },
        horzLine: { visible: false, labelVisible: false },
      },
      rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0.08 } },
      timeScale: {
        borderVisible: false,
        fixLeftEdge: true,
        fixRightEdge: true,
        minBarSpacing: 0.1,
        tickMarkMaxCharacterLength: 5,
      },
      localization: { locale: formats.locale },
    });
    const series = chart.addSeries(AreaSeries, { lineWidth: 2, priceLineStyle: LineStyle.Dotted });
    const paint = (): void => {
      applyColours(chart, series, element);
    };
    const refit = (): void => {
      chart.timeScale().fitContent();
    };
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    chart.subscribeCrosshairMove(({ time, point: place, seriesData }) => {
      const value = seriesData.get(series);
      const rate = value && 'value' in value ? value.value : undefined;
      setReading(
        place && typeof time === 'string' && rate !== undefined
          ? { point: { date: time, rate }, x: place.x, width: element.clientWidth }
          : null,
      );
    });
    paint();
    dark.addEventListener('change', paint);
    chart.timeScale().subscribeSizeChange(refit);
    drawn.current = { chart, series };
    return () => {
      dark.removeEventListener('change', paint);
      chart.remove();
      drawn.current = null;
    };
  }, []);

  useEffect(() => {
    if (!drawn.current) return;
    const { chart, series } = drawn.current;
    series.applyOptions({
      priceFormat: {
        type: 'custom',
        minMove: 10 ** -decimals,
        formatter: (price: number) => formats.rate(price, decimals),
        tickmarksFormatter: (prices: readonly number[]) => tickLabels(prices, decimals),
      },
    });
    series.setData(points.map(({ date, rate }) => ({ time: date, value: rate })));
    chart.applyOptions({
      timeScale: {
        // Null is the library's own label; where a gap is left it would squeeze a day between two months.
        tickMarkFormatter: (_time: Time, type: TickMarkType) =>
          points.length > LONG_RANGE && type === TickMarkType.DayOfMonth ? '' : null,
      },
    });
    chart.timeScale().fitContent();
  }, [points, decimals]);

  return (
    <>
      <div className="chart-canvas" role="img" aria-label={label} ref={box} data-testid="chart" />
      {reading && <ReadingNote reading={reading} decimals={decimals} />}
    </>
  );
}

/** For the eye beside the pointer; who does not see it has the table. */
function ReadingNote({ reading: { point, x, width }, decimals }: { reading: Reading; decimals: number }) {
  const place = x < width / 2 ? { left: x + 12 } : { right: width - x + 12 };
  return (
    <p className="chart-reading" style={place} aria-hidden="true" data-testid="chart-reading">
      <strong>{formats.rate(point.rate, decimals)}</strong>
      <time dateTime={point.date}>{formats.date(point.date, 'medium')}</time>
    </p>
  );
}

/** The scale's round values without the zeros that all of them would end in: "1,480", not "1,480.00". */
function tickLabels(prices: readonly number[], decimals: number): string[] {
  const rounded = prices.map((price) => Number(price.toFixed(decimals)));
  const needed = commonDecimals(rounded);
  return rounded.map((price) => formats.rate(price, needed));
}

/** The canvas knows no style sheet: the colours are handed over, and again when the system changes its theme. */
function applyColours(chart: IChartApi, series: ISeriesApi<'Area'>, element: HTMLElement): void {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  chart.applyOptions({
    layout: {
      background: { color: 'transparent' },
      textColor: colour('--muted'),
      fontFamily: style.fontFamily,
      fontSize: 12,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colour('--chart-grid') } },
    crosshair: { vertLine: { color: colour('--line-strong') } },
  });
  series.applyOptions({
    lineColor: colour('--accent'),
    topColor: colour('--chart-area-top'),
    bottomColor: colour('--chart-area-bottom'),
    priceLineColor: colour('--accent'),
    crosshairMarkerBackgroundColor: colour('--accent'),
    crosshairMarkerBorderColor: colour('--background'),
  });
}
