import { formats, t } from '../locale.js';
import { hrefWith, navigate } from '../use-location.js';

interface Props {
  asOf: string | null;
  provider: string | null;
  stale: boolean;
  /** The figures shown are older than the last attempt to get newer ones, which failed. */
  outdated: boolean;
}

/** What a reader must know before reading the figures. Its place is kept free, so that nothing moves when it speaks. */
export function Notices({ asOf, provider, stale, outdated }: Props) {
  return (
    <div className="notices">
      {provider === 'sample' && (
        <p className="notice notice-sample" role="alert">
          {t.sample}
        </p>
      )}
      {asOf !== null && (
        <p className="notice notice-as-of">
          <strong>{t.asOf(formats.date(asOf))}</strong>
          <a
            href={hrefWith('asOf', null)}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              navigate(hrefWith('asOf', null), 'push');
            }}
          >
            {t.backToToday}
          </a>
        </p>
      )}
      {stale && provider !== 'sample' && (
        <p className="notice">
          <span className="badge">{t.stale}</span> {t.staleReason}
        </p>
      )}
      {outdated && (
        <p className="notice" role="status">
          {t.outdated}
        </p>
      )}
    </div>
  );
}
