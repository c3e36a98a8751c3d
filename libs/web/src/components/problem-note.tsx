import { Problem } from '../api.js';
import { t } from '../locale.js';

interface Props {
  error: Error;
  onRetry: () => void;
  /** 1 where the problem is all that the page shows. */
  level?: 1 | 2;
}

/** An error in words a visitor can act on, with the request id that an operator can look for. */
export function ProblemNote({ error, onRetry, level = 2 }: Props) {
  const Heading = level === 1 ? 'h1' : 'h2';
  const problem = error instanceof Problem ? error : null;
  const network = problem?.code === 'network';
  const fields = problem?.fields ?? [];
  // The detail says in one line what the list of fields says.
  const detail = network ? t.networkText : fields.length === 0 && problem?.message;
  return (
    <section className="note note-problem" role="alert">
      <Heading>{network ? t.networkTitle : problem?.title || t.problemTitle}</Heading>
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
        {problem?.requestId && (
          <span className="note-id">
            {t.requestId} <code data-testid="request-id">{problem.requestId}</code>
          </span>
        )}
      </div>
    </section>
  );
}
