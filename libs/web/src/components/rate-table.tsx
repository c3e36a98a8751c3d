import { useState } from 'react';
import { formats, t } from '../locale.js';
import { type Point } from '../ranges.js';

interface Props {
  points: readonly Point[];
  decimals: number;
  quote: string;
  caption: string;
}

/** The same figures as the chart, for reading and copying; its rows exist only while it is open. */
export function RateTable({ points, decimals, quote, caption }: Props) {
  const [open, setOpen] = useState(false);

  return (
    <details
      className="table-details"
      onToggle={({ currentTarget }) => {
        setOpen(currentTarget.open);
      }}
    >
      <summary>{t.tableToggle}</summary>
      {open && (
        <div className="table-scroll" role="region" aria-label={caption} tabIndex={0}>
          <table>
            <caption className="visually-hidden">{caption}</caption>
            <thead>
              <tr>
                <th scope="col">{t.date}</th>
                <th scope="col">
                  {t.rate} ({quote})
                </th>
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map(({ date, rate }) => (
                <tr key={date}>
                  <th scope="row">
                    <time dateTime={date}>{formats.date(date, 'medium')}</time>
                  </th>
                  <td>{formats.rate(rate, decimals)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
