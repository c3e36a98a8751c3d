import { t } from '../locale.js';
import { wordsOf } from './problem-words.js';

interface Props {
  error: Error;
  onRetry: () => void;
  /** 1 where the problem is all that the page shows. */
  level?: 1 | 2;
}

/** A problem with a way to try again. */
export function ProblemNote({ error, onRetry, level = 2 }: Props) {
  const Heading = level === 1 ? 'h1' : 'h2';
  const { title, detail, fields, requestId } = wordsOf(error);
  return (
    <section className="note note-problem" role="alert">
      <Heading>{title}</Heading>
      {detail && <p>{detail}</p>}
      {fields.length > 0 && (
        <ul>
          {fields.map(({ field, message }) => (
            <li key={field + message}>
              <code>{field}</code>: {message}
            </li>
          ))}
        </ul>
      )}
      <div className="note-actions">
        {/* What was refused for its values would be refused again. */}
        {fields.length === 0 && (
          <button type="button" className="button" onClick={onRetry}>
            {t.retry}
          </button>
        )}
        {requestId && (
          <span className="note-id">
            {t.requestId} <code data-testid="request-id">{requestId}</code>
          </span>
        )}
      </div>
    </section>
  );
}
