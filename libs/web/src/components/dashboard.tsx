import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { type Chart, Problem } from '../api.js';
import { formats, t } from '../locale.js';
import { chartQuery, rateQuery } from '../queries.js';
import { commonDecimals, parseRange, type Range, summarize } from '../ranges.js';
import { hrefWith, navigate, useSearchParam } from '../use-location.js';
import { CountryChooser } from './country-chooser.js';
import { Change, Headline, Stats } from './figures.js';
import { Notices } from './notices.js';
import { RANGE_PANEL_ID, rangeTabId, RangeTabs } from './range-tabs.js';
import { RateTable } from './rate-table.js';
import { RatesProblem } from './rates-problem.js';

const loadChart = () => import('./rate-chart.js');
const RateChart = lazy(loadChart);

const codeOf = (error: Error | null): string | null => (error instanceof Problem ? error.code : null);

/** Fetches the chart's code beside its data. A failure is met again, and shown, where the chart is drawn. */
function usePreloadedChart(): void {
  useEffect(() => {
    loadChart().catch(() => undefined);
  }, []);
}

/** The currency against the dollar: figure, change, chart and table of one range, today or as of a past day. */
export function Dashboard({ currency, onChooseCountry }: { currency: string; onChooseCountry: () => void }) {
  usePreloadedChart();
  const range = parseRange(useSearchParam('range'));
  const asOf = useSearchParam('asOf');
  const rate = useQuery(rateQuery(currency, asOf));
  const chart = useQuery(chartQuery(currency, asOf));
  const error = chart.error ?? rate.error;
  const complete = chart.data !== undefined && rate.data !== undefined;
  const notReady = codeOf(error) === 'rates_not_ready';

  const decimals = useMemo(
    () => commonDecimals([...(chart.data?.ranges['2y'] ?? []).map((point) => point.rate), rate.data?.rate ?? 0]),
    [chart.data, rate.data],
  );

  const retry = (): void => {
    if (chart.error) void chart.refetch();
    if (rate.error) void rate.refetch();
  };

  if (codeOf(error) === 'country_not_chosen') return <CountryChooser current={null} onDone={retry} />;

  return (
    <>
      <Notices
        asOf={asOf}
        provider={chart.data?.provider ?? rate.data?.provider ?? null}
        stale={rate.data?.stale ?? chart.data?.stale ?? false}
        outdated={error !== null && complete}
      />
      {error && !complete && !notReady ? (
        <RatesProblem error={error} onRetry={retry} onChooseCountry={onChooseCountry} />
      ) : (
        <article className="dashboard" aria-busy={!complete}>
          <Headline currency={currency} rate={rate.data} decimals={decimals} />
          <RangeView
            currency={currency}
            range={range}
            chart={chart.data}
            decimals={decimals}
            waiting={notReady ? 'rates' : 'answer'}
          />
        </article>
      )}
    </>
  );
}

interface RangeViewProps {
  currency: string;
  range: Range;
  chart: Chart | undefined;
  decimals: number;
  waiting: 'answer' | 'rates';
}

function RangeView({ currency, range, chart, decimals, waiting }: RangeViewProps) {
  const points = useMemo(() => chart?.ranges[range] ?? [], [chart, range]);
  const summary = useMemo(() => summarize(points), [points]);
  const pair = t.pair(formats.currencyName(currency));

  return (
    <>
      <div className="range-bar">
        <Change summary={summary} range={range} decimals={decimals} loading={!chart} />
        <RangeTabs
          selected={range}
          onSelect={(next) => {
            navigate(hrefWith('range', next), 'replace');
          }}
        />
      </div>
      <div id={RANGE_PANEL_ID} className="range-panel" role="tabpanel" aria-labelledby={rangeTabId(range)} tabIndex={0}>
        <div className="chart-box">
          {!chart && <Waiting for={waiting} />}
          {chart && !summary && <p className="chart-empty">{t.emptyRange(t.rangeLong[range])}</p>}
          {summary && (
            <Suspense fallback={<Waiting for="answer" />}>
              <RateChart
                points={points}
                decimals={decimals}
                label={t.chartLabel(
                  pair,
                  formats.date(summary.first.date),
                  formats.date(summary.last.date),
                  formats.rate(summary.low.rate, decimals),
                  formats.rate(summary.high.rate, decimals),
                )}
              />
            </Suspense>
          )}
        </div>
        <Stats summary={summary} decimals={decimals} loading={!chart} />
        <RateTable
          points={points}
          decimals={decimals}
          quote={currency}
          caption={t.tableCaption(pair, t.rangeLong[range])}
        />
      </div>
    </>
  );
}

function Waiting({ for: what }: { for: 'answer' | 'rates' }) {
  return (
    <div className="chart-waiting" role="status">
      {what === 'rates' ? (
        <>
          <strong>{t.ratesLoading}</strong>
          <span>{t.ratesLoadingText}</span>
        </>
      ) : (
        <span className="visually-hidden">{t.loading}</span>
      )}
    </div>
  );
}
