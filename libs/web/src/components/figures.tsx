import { type ReactNode } from 'react';
import { type Rate } from '../api.js';
import { formats, t } from '../locale.js';
import { type Point, type Range, type RangeSummary } from '../ranges.js';

/** Takes the room of a text that is still on its way. */
function Placeholder({ width }: { width: `${number}ch` }) {
  return <span className="placeholder" style={{ width }} aria-hidden="true" />;
}

/** "1 USD = 1,489.95 KRW", and below it the day and the source of that rate. */
export function Headline({ currency, rate, decimals }: { currency: string; rate: Rate | undefined; decimals: number }) {
  const source = rate && (t.providers[rate.provider] ?? rate.provider);
  return (
    <header className="headline">
      <p className="headline-pair">{t.pair(formats.currencyName(currency))}</p>
      <h1>
        <span className="headline-unit">1 {rate?.base ?? 'USD'} =</span>{' '}
        <span className="headline-rate" data-testid="rate">
          {rate ? formats.rate(rate.rate, decimals) : <Placeholder width="7ch" />}
        </span>{' '}
        <span className="headline-unit">{rate?.quote ?? currency}</span>
      </h1>
      <p className="headline-origin">
        {rate && source ? (
          <>
            <time dateTime={rate.date}>{formats.date(rate.date)}</time>{' '}
            <span className="separator" aria-hidden="true" /> {t.source(source)}
          </>
        ) : (
          <Placeholder width="32ch" />
        )}
      </p>
    </header>
  );
}

interface FigureProps {
  summary: RangeSummary | null;
  decimals: number;
  loading: boolean;
}

/** "▲ +12.34 (+0.83%) over 1 year". The arrow repeats what the sign says; neither direction is good or bad. */
export function Change({ summary, range, decimals, loading }: FigureProps & { range: Range }) {
  if (!summary) return <p className="change">{loading && <Placeholder width="22ch" />}</p>;
  const arrow = summary.change > 0 ? '▲' : summary.change < 0 ? '▼' : '';
  return (
    <p className="change" data-testid="change">
      <span className="change-arrow" aria-hidden="true">
        {arrow}
      </span>
      <strong>
        {formats.signed(summary.change, decimals)} ({formats.percent(summary.changePercent)})
      </strong>{' '}
      <span className="change-range">{t.changeOver(t.rangeLong[range])}</span>
    </p>
  );
}

/** Lowest, highest and mean rate of the range. */
export function Stats({ summary, decimals, loading }: FigureProps) {
  const extreme = (point: Point | undefined): ReactNode =>
    point && (
      <>
        <dd>{formats.rate(point.rate, decimals)}</dd>
        <dd className="stat-date">
          <time dateTime={point.date}>{formats.date(point.date, 'medium')}</time>
        </dd>
      </>
    );
  const empty = <dd>{loading ? <Placeholder width="7ch" /> : '–'}</dd>;
  return (
    <dl className="stats">
      <div className="stat">
        <dt>{t.low}</dt>
        {extreme(summary?.low) ?? empty}
      </div>
      <div className="stat">
        <dt>{t.high}</dt>
        {extreme(summary?.high) ?? empty}
      </div>
      <div className="stat">
        <dt>{t.average}</dt>
        {summary ? <dd>{formats.rate(summary.average, decimals)}</dd> : empty}
        {summary && <dd className="stat-date">{t.observations(summary.count)}</dd>}
      </div>
    </dl>
  );
}
