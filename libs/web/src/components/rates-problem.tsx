import { Problem } from '../api.js';
import { t } from '../locale.js';
import { ProblemNote } from './problem-note.js';

interface Props {
  error: Error;
  onRetry: () => void;
  onChooseCountry: () => void;
}

/** Answers that are no failures but facts about a currency, in a sentence; everything else as a problem. */
export function RatesProblem({ error, onRetry, onChooseCountry }: Props) {
  const fact = error instanceof Problem ? FACTS[error.code] : undefined;
  if (!fact) return <ProblemNote level={1} error={error} onRetry={onRetry} />;
  return (
    <section className="note" role="status">
      <h1>{fact.title}</h1>
      <p>{fact.text}</p>
      {/* The server's own sentence can add what only it knows, the last date of a closed series for one. */}
      {fact.withDetail && error.message && <p className="note-detail">{error.message}</p>}
      <div className="note-actions">
        <button type="button" className="button" onClick={onChooseCountry}>
          {t.changeCountry}
        </button>
      </div>
    </section>
  );
}

const FACTS: Partial<Record<string, { title: string; text: string; withDetail?: boolean }>> = {
  currency_is_base: { title: t.baseTitle, text: t.baseText },
  no_data: { title: t.noDataTitle, text: t.noDataText },
  discontinued: { title: t.discontinuedTitle, text: t.discontinuedText, withDetail: true },
};
