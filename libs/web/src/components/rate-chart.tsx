import { AreaSeries, createChart, CrosshairMode, type IChartApi, type ISeriesApi, LineStyle } from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { formats } from '../locale.js';
import { commonDecimals, type Point } from '../ranges.js';

interface Props {
  points: readonly Point[];
  decimals: number;
  /** What the picture shows, in a sentence. */
  label: string;
}

/** The line of one range. In a file of its own, because it is the one to load the chart library. */
export default function RateChart({ points, decimals, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
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
      crosshair: { mode: CrosshairMode.Magnet },
      rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0.08 } },
      timeScale: {
        borderVisible: false,
        fixLeftEdge: true,
        fixRightEdge: true,
        minBarSpacing: 0.1,
        tickMarkMaxCharacterLength: 5,
      },
      localization: { locale: formats.locale, timeFormatter: (time: unknown) => formats.date(String(time), 'medium') },
    });
    const series = chart.addSeries(AreaSeries, { lineWidth: 2, priceLineStyle: LineStyle.Dotted });
    const paint = (): void => {
      applyColours(chart, series, element);
    };
    const refit = (): void => {
      chart.timeScale().fitContent();
    };
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
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
    chart.timeScale().fitContent();
  }, [points, decimals]);

  return <div className="chart-canvas" role="img" aria-label={label} ref={box} data-testid="chart" />;
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
  const crosshair = { color: colour('--muted'), labelBackgroundColor: colour('--chart-label') };
  chart.applyOptions({
    layout: {
      background: { color: 'transparent' },
      textColor: colour('--muted'),
      fontFamily: style.fontFamily,
      fontSize: 12,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colour('--chart-grid') } },
    crosshair: { vertLine: crosshair, horzLine: crosshair },
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
