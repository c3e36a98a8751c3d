import { type ReactNode } from 'react';
import { wordsOf } from '../components/problem-words.js';
import { locale, t } from '../locale.js';
import { exact, relative } from './moments.js';

/** A problem where it happened, beside the button that is the way to try again. */
export function ProblemLine({ error }: { error: Error }) {
  const { title, detail, fields, requestId } = wordsOf(error);
  return (
    <div className="problem-line" role="alert">
      <p>
        <strong>{title}.</strong> {detail}
      </p>
      {fields.map(({ field, message }) => (
        <p key={field + message}>
          <code>{field}</code>: {message}
        </p>
      ))}
      {requestId && (
        <p className="note-id">
          {t.requestId} <code>{requestId}</code>
        </p>
      )}
    </div>
  );
}

interface BusyButtonProps {
  className: string;
  type?: 'button' | 'submit';
  busy: boolean;
  busyText: string;
  /** Where its text alone does not say of what. */
  label?: string;
  onClick?: () => void;
  children: ReactNode;
}

/** Says that something is under way. It keeps the focus meanwhile, which a disabled button would lose. */
export function BusyButton({ className, type = 'button', busy, busyText, label, onClick, children }: BusyButtonProps) {
  return (
    <button
      type={type}
      className={className}
      aria-label={busy ? undefined : label}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
    >
      {busy ? busyText : children}
    </button>
  );
}

/** "3 minutes ago", and below it when that was; `now` in ms. */
export function Moment({ at, now }: { at: string; now: number }) {
  return (
    <time dateTime={at}>
      {relative(locale, at, now)} <span className="moment-exact">{exact(locale, at)}</span>
    </time>
  );
}

export function Day({ at }: { at: string }) {
  return <time dateTime={at}>{exact(locale, at, 'day')}</time>;
}
