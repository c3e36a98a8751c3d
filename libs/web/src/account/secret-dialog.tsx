import { useId, useRef, useState } from 'react';
import { locale } from '../locale.js';
import { type Kind, type ShownSecret } from './api.js';
import { Dialog } from './dialog.js';
import { a } from './messages.js';
import { exact } from './moments.js';

/** Shows a secret this once. Escape does not close it: nobody shall lose the secret by a slip. */
export function SecretDialog({ kind, shown, onClose }: { kind: Kind; shown: ShownSecret; onClose: () => void }) {
  const { id, name, secret, previous } = shown;
  const labelId = useId();
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(secret);
      setSaid(a.copied);
    } catch {
      // Refused, or not there at all on plain http.
      if (text.current) window.getSelection()?.selectAllChildren(text.current);
      setSaid(a.copyFailed);
    }
  }

  return (
    <Dialog title={a.kinds[kind].secretTitle(name)} onClose={onClose} locked>
      <p>
        <strong>{a.onceOnly}</strong>
      </p>
      {kind === 'hmac-clients' && (
        <p className="secret-label">
          {a.keyId}: <code>{id}</code>
        </p>
      )}
      <p className="secret-label" id={labelId}>
        {a.kinds[kind].secretLabel}
      </p>
      <code className="secret" ref={text} role="textbox" aria-readonly="true" aria-labelledby={labelId} tabIndex={0}>
        {secret}
      </code>
      {previous && <p>{previous.until === null ? a.previousEnded : a.previousUntil(exact(locale, previous.until))}</p>}
      <p className="account-said" role="status">
        {said}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button button-plain" onClick={onClose}>
          {a.haveSaved}
        </button>
        <button type="button" className="button" onClick={() => void copy()}>
          {a.copy}
        </button>
      </div>
    </Dialog>
  );
}
