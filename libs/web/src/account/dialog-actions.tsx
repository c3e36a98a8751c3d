import { type ReactNode } from 'react';
import { t } from '../locale.js';
import { BusyButton, ProblemLine } from './parts.js';

interface DialogActionsProps {
  action: { busy: boolean; error: Error | null };
  busyText: string;
  danger?: boolean;
  onCancel: () => void;
  /** Without it the button sends the form that it stands in. */
  onConfirm?: () => void;
  children: ReactNode;
}

/** The foot of a dialog that does something: what went wrong, the way out, and the deed. */
export function DialogActions({ action, busyText, danger = false, onCancel, onConfirm, children }: DialogActionsProps) {
  const { busy, error } = action;
  return (
    <>
      {error && <ProblemLine error={error} />}
      <div className="dialog-actions">
        <button type="button" className="button button-plain" disabled={busy} onClick={onCancel}>
          {t.cancel}
        </button>
        <BusyButton
          type={onConfirm === undefined ? 'submit' : 'button'}
          className={danger ? 'button button-danger' : 'button'}
          busy={busy}
          busyText={busyText}
          {...(onConfirm === undefined ? {} : { onClick: onConfirm })}
        >
          {children}
        </BusyButton>
      </div>
    </>
  );
}
